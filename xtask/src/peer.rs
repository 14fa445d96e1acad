//! The independent identity provider that the browser tests sign in with.

use std::{fs, path::PathBuf, process::Command};

use crate::{failure::Result, places, process, programs};

/// Returns the provider's folder with its packages installed, or nothing
/// where there is no Node.js.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let folder = places::workspace().join("tests/peers/oidc-provider");
    if programs::find(&["node"]).is_none() {
        return Ok(None);
    }
    let Some(npm) = programs::find(&["npm"]) else {
        return Ok(None);
    };
    if !is_installed(&folder) {
        let mut command = Command::new(npm);
        command
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .arg("--loglevel=error")
            .current_dir(&folder);
        process::run(
            "`npm ci` for the independent identity provider",
            &mut command,
        )?;
    }
    Ok(Some(folder))
}

/// Returns whether npm's own record is younger than the lock file.
fn is_installed(folder: &std::path::Path) -> bool {
    let changed = |file: &str| {
        let metadata = fs::metadata(folder.join(file)).ok()?;
        metadata.modified().ok()
    };
    changed("node_modules/.package-lock.json") >= changed("package-lock.json")
}
