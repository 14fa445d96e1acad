//! Rounds through released UIs, each with its own server behind it.

mod table;

use std::{fs, path::Path, process::Command};

use super::{
    Extent, Run, Untested,
    found::Found,
    native::{self, Wanted},
    sequence::Output,
    servers::Store,
    system,
};
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    mlflow, places, process, python, site,
};
use table::Row;

/// Every version that is tried: the AWS sample's patches are for the first
/// eight, and the last is ours.
const RELEASES: [&str; 11] = [
    "1.30.0",
    "2.2.1",
    "2.3.1",
    "2.5.0",
    "2.8.0",
    "2.8.1",
    "2.9.2",
    "2.12.2",
    "2.22.5",
    "3.5.0",
    mlflow::DEFAULT_VERSION,
];

/// What is tried before a change is kept: the sample's last. Ours is what every
/// other browser scenario is in front of.
pub(super) const ORDINARY: [&str; 1] = ["2.12.2"];

/// Tries the versions one after the other, so that one server runs at a time.
///
/// `filter` names versions. If all were asked for, and nothing failed, the
/// table in docs/VERSIONS.md is made anew.
pub(super) fn run(run: &Run, output: &Output) -> Result<Untested> {
    let mut found = Found::default();
    found.chromium()?;
    if !found.untested.is_empty() {
        return Ok(found.untested);
    }
    site::ensure()?;
    let chosen = chosen(&run.filter, run.extent)?;
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for version in &chosen {
        match attempt(version, run, output, &mut found) {
            Ok(row) => rows.push(row),
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(Failure::Because(sentence)) => failures.push(format!("{version}: {sentence}")),
        }
    }
    if !failures.is_empty() {
        let listed = failures.join("; ");
        return Err(Failure::because(format!("with these versions: {listed}")));
    }
    if chosen == RELEASES {
        table::write(
            &places::workspace().join("docs/VERSIONS.md"),
            &rows,
            &python(),
        )?;
        say("the table of versions in docs/VERSIONS.md is up to date");
    }
    Ok(found.untested)
}

/// The versions that `filter` names, or all. A filter of an ordinary run may be
/// for tests of other steps.
fn chosen(filter: &[String], extent: Extent) -> Result<Vec<&'static str>> {
    let (all, is_named) = match extent {
        Extent::Ordinary => (ORDINARY.as_slice(), false),
        Extent::Whole => (RELEASES.as_slice(), true),
    };
    let unknown = filter.iter().find(|wanted| !all.contains(&wanted.as_str()));
    if let Some(unknown) = unknown.filter(|_| is_named) {
        return Err(Failure::because(format!(
            "`{unknown}` is not among the versions that are tried: {}",
            all.join(" ")
        )));
    }
    let mut chosen = all.to_vec();
    chosen.retain(|version| filter.is_empty() || filter.iter().any(|wanted| wanted == version));
    Ok(chosen)
}

/// Plays the rounds of one version, or notes why its server does not run here.
fn attempt(version: &str, run: &Run, output: &Output, found: &mut Found) -> Result<Row> {
    let server = match run.servers.get(version, Store::Demo) {
        Ok(server) => server,
        Err(Failure::Interrupted) => return Err(Failure::Interrupted),
        Err(Failure::Because(sentence)) => {
            let gap = format!("MLflow {version}, whose server does not run here: {sentence}");
            found.untested.push(gap);
            return Ok(Row::untried(version));
        }
    };
    let report = server.folder.join("rounds.jsonl");
    clear(&report)?;
    let mut variables = found.variables.clone();
    variables.extend([
        system::site_variable(),
        ("SHELL_TEST_TRACKING", server.listed().into()),
        ("SHELL_TEST_REPORT", report.clone().into()),
    ]);
    let tests = Wanted::System(&["versions"]);
    native::test(run, output, tests, &[], &variables)?;
    let text = fs::read_to_string(&report).explain(|| cannot("read", &report))?;
    Row::read(version, &text)
}

/// What the servers run on.
fn python() -> String {
    let asked = python::interpreter()
        .and_then(|python| process::answer(Command::new(python).arg("--version")));
    asked.unwrap_or_default().trim().to_owned()
}

fn clear(report: &Path) -> Result<()> {
    fs::write(report, "").explain(|| cannot("write", report))
}

fn cannot(what: &str, file: &Path) -> String {
    format!("cannot {what} {}", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_chosen_by_name() {
        assert_eq!(chosen(&[], Extent::Whole).unwrap(), RELEASES);
        assert_eq!(chosen(&[], Extent::Ordinary).unwrap(), ORDINARY);
        let named = ["2.5.0".to_owned()];
        assert_eq!(chosen(&named, Extent::Whole).unwrap(), ["2.5.0"]);
        assert!(chosen(&named, Extent::Ordinary).unwrap().is_empty());
        let failure = chosen(&["2.5.1".to_owned()], Extent::Whole).unwrap_err();
        assert!(failure.to_string().starts_with("`2.5.1` is not among"));
    }
}
