//! The JavaScript minifier.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    console::say,
    failure::Result,
    npm::{self, Package},
    process,
};

const ESBUILD: Package = Package {
    name: "esbuild",
    version: "0.28.2",
    program: "esbuild",
    says: "0.28.2",
    megabytes: 11,
};

/// Returns the path of `esbuild`, after installing it if need be; `None` where
/// there is no Node.js.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    npm::ensure(&ESBUILD)
}

/// Minifies `file`, a script or a style sheet. Without Node.js it stays as it
/// is, which works as well and is a little larger.
pub(crate) fn minify(file: &Path, options: &[&str]) -> Result<()> {
    let Some(esbuild) = ensure()? else {
        say("without Node.js and npm the site's scripts are not minified");
        return Ok(());
    };
    let mut command = Command::new(esbuild);
    command
        .arg(file)
        .args(["--minify", "--allow-overwrite", "--log-level=warning"])
        .arg(format!("--outfile={}", file.display()))
        .args(options);
    process::run("`esbuild`", &mut command)
}
