//! The WebAssembly optimiser, which trunk looks for on the search path.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process, programs,
};

/// The npm package's version, and what its program calls itself.
const PACKAGE: &str = "132.0.0";
const VERSION: &str = "132";

/// Returns the path of `wasm-opt`, after installing it if need be.
///
/// The npm build comes first because the byte budget is measured with it;
/// another version, such as Debian's, makes the modules about 1 % larger.
pub(crate) fn ensure() -> Result<PathBuf> {
    let present = programs::find(&["wasm-opt"]);
    if let Some(program) = &present
        && programs::is_version(program, VERSION)
    {
        return Ok(program.clone());
    }
    if let Some(program) = from_npm()?.or(present) {
        return Ok(program);
    }
    programs::install_debian_packages(&["binaryen"])?;
    programs::find(&["wasm-opt"]).ok_or_else(|| {
        Failure::because(
            "wasm-opt is missing: install Node.js with npm, or your system's package `binaryen`",
        )
    })
}

fn from_npm() -> Result<Option<PathBuf>> {
    if programs::find(&["node"]).is_none() {
        return Ok(None);
    }
    let Some(npm) = programs::find(&["npm"]) else {
        return Ok(None);
    };
    let folder = places::cache()?.join(format!("binaryen-{PACKAGE}"));
    let program = folder.join("node_modules/.bin/wasm-opt");
    if programs::is_version(&program, VERSION) {
        return Ok(Some(program));
    }
    say(format!(
        "installing wasm-opt {VERSION} with npm (104 MB, once)"
    ));
    fs::create_dir_all(&folder).explain(|| format!("cannot create {}", folder.display()))?;
    let mut command = Command::new(npm);
    command
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .args(["--ignore-scripts", "--prefix"])
        .arg(&folder)
        .arg(format!("binaryen@{PACKAGE}"));
    match process::run("`npm install`", &mut command) {
        Err(Failure::Interrupted) => Err(Failure::Interrupted),
        _ => Ok(programs::is_version(&program, VERSION).then_some(program)),
    }
}
