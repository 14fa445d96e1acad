//! Where things are kept: the checkout, the cache and the data folders.

use std::{env, path::PathBuf};

use crate::failure::{Failure, Result};

const PRODUCT: &str = "mlflow-auth-shell";

/// Returns the root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    // Cargo sets the variable at run time too; it stays right when a shared
    // build cache hands over a binary that was compiled in another checkout.
    let xtask = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = xtask.filter(|folder| folder.ends_with("xtask"));
    let mut root = xtask.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    root.pop();
    root
}

/// Returns the folder of the built site.
pub(crate) fn site() -> PathBuf {
    workspace().join("dist")
}

/// Returns the folder of what is uploaded to Lambda.
pub(crate) fn lambda() -> PathBuf {
    workspace().join("dist-lambda")
}

/// Returns the folder of the gateway's static programs.
pub(crate) fn gateway() -> PathBuf {
    workspace().join("dist-gateway")
}

/// Returns the folder of the Python wheels.
pub(crate) fn wheels() -> PathBuf {
    workspace().join("dist-wheel")
}

/// Returns the folder for tools and virtual environments, which may be
/// deleted at any time.
pub(crate) fn cache() -> Result<PathBuf> {
    Ok(base("XDG_CACHE_HOME", ".cache")?.join(PRODUCT))
}

/// Returns the folder in which MLflow keeps what a developer made with it.
pub(crate) fn data(mlflow: &str) -> Result<PathBuf> {
    let base = base("XDG_DATA_HOME", ".local/share")?;
    Ok(base.join(PRODUCT).join(format!("mlflow-{mlflow}")))
}

/// Returns the folder in which the browser tests' MLflow keeps its data.
pub(crate) fn test_data(mlflow: &str) -> Result<PathBuf> {
    Ok(cache()?.join("test-data").join(format!("mlflow-{mlflow}")))
}

/// Returns a folder for the data of an MLflow that one test run uses. Runs at the
/// same time have different numbers.
pub(crate) fn passing_data(mlflow: &str, number: u32) -> Result<PathBuf> {
    Ok(cache()?
        .join("passing-data")
        .join(format!("mlflow-{mlflow}-{number}")))
}

/// Returns the folder in which cargo keeps the sources of dependencies.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    base("CARGO_HOME", ".cargo")
}

/// Returns whether this run is part of continuous integration.
pub(crate) fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Returns cargo's target folder if it is to differ from cargo's own choice.
///
/// A fresh clone under CI has no `target` of its own, so compiled
/// dependencies are kept in the cache there.
pub(crate) fn shared_target() -> Result<Option<PathBuf>> {
    if in_ci() && env::var_os("CARGO_TARGET_DIR").is_none() {
        return Ok(Some(cache()?.join("target")));
    }
    Ok(None)
}

/// Returns the folder into which cargo builds.
pub(crate) fn target() -> Result<PathBuf> {
    if let Some(shared) = shared_target()? {
        return Ok(shared);
    }
    let chosen = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    Ok(workspace().join(chosen.unwrap_or_else(|| PathBuf::from("target"))))
}

fn base(variable: &str, below_home: &str) -> Result<PathBuf> {
    // The XDG specification asks to ignore relative paths.
    let named = env::var_os(variable).map(PathBuf::from);
    if let Some(folder) = named.filter(|folder| folder.is_absolute()) {
        return Ok(folder);
    }
    env::home_dir()
        .map(|home| home.join(below_home))
        .ok_or_else(|| {
            Failure::because(format!(
                "no home folder is known: set {variable} to an absolute path"
            ))
        })
}
