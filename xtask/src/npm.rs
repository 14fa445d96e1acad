//! Programs from the npm registry, of exactly one version.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process, programs,
};

/// A package whose program has no other dependencies.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) program: &'static str,
    /// What the program calls its version.
    pub(crate) says: &'static str,
    pub(crate) megabytes: u32,
}

/// Returns the path of the package's program, after installing it if need be;
/// `None` if there is no Node.js here, or the registry cannot be reached.
pub(crate) fn ensure(package: &Package) -> Result<Option<PathBuf>> {
    let Package { name, version, .. } = package;
    let programs = (programs::find(&["node"]), programs::find(&["npm"]));
    let (Some(_node), Some(npm)) = programs else {
        return Ok(None);
    };
    let folder = places::cache()?.join(format!("{name}-{version}"));
    let program = folder.join("node_modules/.bin").join(package.program);
    if programs::is_version(&program, package.says) {
        return Ok(Some(program));
    }
    say(format!(
        "installing {name} {version} with npm ({} MB, once)",
        package.megabytes
    ));
    fs::create_dir_all(&folder).explain(|| format!("cannot create {}", folder.display()))?;
    let mut command = Command::new(npm);
    command
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .args(["--ignore-scripts", "--prefix"])
        .arg(&folder)
        .arg(format!("{name}@{version}"));
    match process::run("`npm install`", &mut command) {
        Err(Failure::Interrupted) => Err(Failure::Interrupted),
        _ => Ok(programs::is_version(&program, package.says).then_some(program)),
    }
}
