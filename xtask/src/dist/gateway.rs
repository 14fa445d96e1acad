//! The gateway as one static program with the site in it.

use std::{fs, path::PathBuf};

use super::{Architecture, keep_within};
use crate::{
    console::say,
    failure::{Explain, Result},
    places, site,
};

/// The largest program without a hosted UI of MLflow's, in bytes. AWS's SDK,
/// HTTP/2 and the settings file are a fifth of it, and so is what signs terminals in:
/// a desktop's keyring is asked over D-Bus.
const LIMIT: u64 = 17_500_000;

const PROGRAM: &str = "mlflow-shell";

/// Builds it for this machine, and returns its path.
pub(crate) fn for_here() -> Result<PathBuf> {
    site::ensure()?;
    build(Architecture::of_this_machine()?)
}

/// Builds it, with the site that was built before, and returns its path.
pub(super) fn build(architecture: &Architecture) -> Result<PathBuf> {
    say(format!("building the gateway for {}", architecture.name));
    let folder = architecture.build(&[
        "--locked",
        "--profile=gateway",
        "--package=shell-cli",
        "--features=embedded-site",
    ])?;
    let built = folder.join("gateway").join(PROGRAM);
    // A container's build finds its own by the name that it calls the machine.
    let folder = places::gateway().join(architecture.of_containers);
    let program = folder.join(PROGRAM);
    let copied = fs::create_dir_all(&folder).and_then(|()| fs::copy(&built, &program));
    copied.explain(|| format!("cannot write {}", program.display()))?;
    if !places::site().join("mlflow").is_dir() {
        keep_within(LIMIT, &program)?;
    }
    Ok(program)
}
