//! The WebAssembly optimiser.

use std::path::PathBuf;

use crate::{
    failure::{Failure, Result},
    npm::{self, Package},
    programs,
};

const BINARYEN: Package = Package {
    name: "binaryen",
    version: "132.0.0",
    program: "wasm-opt",
    says: "132",
    megabytes: 104,
};

/// Returns the path of `wasm-opt`, after installing it if need be.
///
/// The npm build comes first because the byte budget is measured with it;
/// another version, such as Debian's, makes the modules about 1 % larger.
pub(crate) fn ensure() -> Result<PathBuf> {
    let present = programs::find(&["wasm-opt"]);
    if let Some(program) = &present
        && programs::is_version(program, BINARYEN.says)
    {
        return Ok(program.clone());
    }
    if let Some(program) = npm::ensure(&BINARYEN)?.or(present) {
        return Ok(program);
    }
    programs::install_debian_packages(&["binaryen"])?;
    programs::find(&["wasm-opt"]).ok_or_else(|| {
        Failure::because(
            "wasm-opt is missing: install Node.js with npm, or your system's package `binaryen`",
        )
    })
}
