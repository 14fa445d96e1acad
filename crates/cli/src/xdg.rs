//! The folders of a user (XDG Base Directory Specification).

use std::{env, path::PathBuf};

/// The product's folder in those of a user.
pub(crate) const NAME: &str = "mlflow-auth-shell";

/// The folder that a variable names. A relative one is ignored, as the specification
/// says.
pub(crate) fn folder(variable: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os(variable)?);
    folder.is_absolute().then_some(folder)
}

/// Where programs keep what is to be there after a restart.
pub(crate) fn state_home() -> Option<PathBuf> {
    let of_home = || Some(folder("HOME")?.join(".local/state"));
    folder("XDG_STATE_HOME").or_else(of_home)
}
