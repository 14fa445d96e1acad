//! Third-party clients, directly and through the gateway.

mod table;

use std::{ffi::OsString, fs, path::Path};

use super::{
    Run, Untested,
    found::Found,
    native::{self, Wanted},
    sequence::Output,
    servers::{self, Store},
    system,
};
use crate::{
    clients,
    console::say,
    failure::{Explain, Result},
    mlflow::DEFAULT_VERSION,
    peer, places,
    python::Environment,
    site,
};

/// One at a time: the gateway of each is asked by three at once.
const TESTS: &str = "1";

/// Tries the clients that the filter names, or all. If all were tried, the table in
/// docs/CLIENTS.md is made anew, whatever it shows.
pub(super) fn run(run: &Run, output: &Output) -> Result<Untested> {
    let mut found = Found::default();
    run.servers.launch(DEFAULT_VERSION, Store::Models)?;
    let (Some(python), Some(packages)) = (clients::ensure()?, peer::ensure_clients()?) else {
        let gap = "third-party clients, which take Python 3.10, Node.js and their registries";
        return Ok(vec![gap.to_owned()]);
    };
    site::ensure()?;
    let report = places::target()?.join("clients.jsonl");
    fs::write(&report, "").explain(|| format!("cannot write {}", report.display()))?;
    found
        .variables
        .extend(variables(run, &python, &packages, &report)?);
    let tests = Wanted::System(&["clients"]);
    let outcome = native::test(run, output, tests, &run.filter, &found.variables);
    if run.filter.is_empty() {
        write_table(&report)?;
    }
    outcome.map(|()| found.untested)
}

fn variables(
    run: &Run,
    python: &Environment,
    packages: &Path,
    report: &Path,
) -> Result<Vec<(&'static str, OsString)>> {
    let mlflow = run.servers.get(DEFAULT_VERSION, Store::Models)?;
    Ok(vec![
        ("RUST_TEST_THREADS", TESTS.into()),
        system::site_variable(),
        ("SHELL_TEST_TRACKING", servers::listed(&[mlflow])),
        ("SHELL_TEST_CLIENTS_PYTHON", python.program("python").into()),
        ("SHELL_TEST_CLIENTS_PACKAGES", packages.into()),
        ("SHELL_TEST_REPORT", report.into()),
    ])
}

fn write_table(report: &Path) -> Result<()> {
    let text = fs::read_to_string(report);
    let text = text.explain(|| format!("cannot read {}", report.display()))?;
    table::write(
        &places::workspace().join("docs/CLIENTS.md"),
        &clients::versions()?,
        &text,
    )?;
    say("the table of clients in docs/CLIENTS.md is up to date");
    Ok(())
}
