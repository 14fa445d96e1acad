//! The gateway among the programs that real deployments have beside it.

use super::{
    Extent, Run, Untested,
    found::Found,
    native::{self, Wanted},
    sequence::Output,
    system,
};
use crate::{
    deployments,
    failure::Result,
    mlflow::{self, DEFAULT_VERSION},
    site,
};

/// Begins the names of the tests of an ordinary run, which start nothing.
const OF_THE_FILE: &str = "file::";

pub(super) fn run(run: &Run, output: &Output) -> Result<Untested> {
    let mut found = Found::default();
    found.chromium()?;
    let gap = "deployments, which take Python 3.10, a package index, PostgreSQL 15 and nginx";
    found.take(deployments::ensure()?, gap);
    if !found.untested.is_empty() {
        return Ok(found.untested);
    }
    let python = mlflow::environment::ensure(DEFAULT_VERSION)?.program("python");
    site::ensure()?;
    found.variables.extend([
        system::site_variable(),
        system::gateway_variable()?,
        ("SHELL_TEST_PYTHON", python.into()),
        // Each test has a deployment of its own, of a dozen processes.
        ("RUST_TEST_THREADS", "1".into()),
    ]);
    let mut filter = run.filter.clone();
    if run.extent == Extent::Ordinary {
        filter.push(OF_THE_FILE.to_owned());
    }
    filter.push("--nocapture".to_owned());
    let tests = Wanted::System(&["deployments"]);
    native::test(run, output, tests, &filter, &found.variables)?;
    Ok(found.untested)
}
