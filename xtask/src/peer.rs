//! Programs of others beside ours: the identity provider that the browser tests
//! sign in with, what looks for barriers in our pages, and the service worker
//! that ours is measured beside.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{failure::Result, places, process, programs};

/// Returns the independent provider's folder with its packages installed, or
/// nothing where there is no Node.js.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    if programs::find(&["node"]).is_none() {
        return Ok(None);
    }
    install("oidc-provider", "the independent identity provider")
}

/// Returns the folder of `@axa-fr/oidc-client` with its packages installed, or
/// nothing where there is no npm.
pub(crate) fn ensure_axa() -> Result<Option<PathBuf>> {
    install("axa", "the service worker to compare with")
}

/// Returns axe-core as one script, which finds what keeps people from using a
/// page, or nothing where there is no npm.
pub(crate) fn ensure_axe() -> Result<Option<PathBuf>> {
    let folder = install("axe", "what looks for barriers")?;
    Ok(folder.map(|folder| folder.join("node_modules/axe-core/axe.min.js")))
}

fn install(name: &str, what: &str) -> Result<Option<PathBuf>> {
    let folder = places::workspace().join("tests/peers").join(name);
    let Some(npm) = programs::find(&["npm"]) else {
        return Ok(None);
    };
    if !is_installed(&folder) {
        let mut command = Command::new(npm);
        command
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .arg("--loglevel=error")
            .current_dir(&folder);
        process::run(&format!("`npm ci` for {what}"), &mut command)?;
    }
    Ok(Some(folder))
}

/// Returns whether npm's own record is younger than the lock file.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| {
        let metadata = fs::metadata(folder.join(file)).ok()?;
        metadata.modified().ok()
    };
    changed("node_modules/.package-lock.json") >= changed("package-lock.json")
}
