//! Real identity providers, one after the other.

mod table;

use std::{ffi::OsString, fs, path::Path};

use super::{
    Run, Untested,
    found::Found,
    native::{self, Wanted},
    sequence::Output,
    servers::Store,
    system,
};
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    mlflow::DEFAULT_VERSION,
    places,
    providers::{self, Installed, Provider},
    site,
};
use table::Row;

/// Two at a time: providers and browsers wait more than they compute.
const TESTS: &str = "2";

/// Tries the providers that `filter` names, or all. If all were tried, the table in
/// docs/PROVIDERS.md is made anew, whatever it shows.
pub(super) fn run(run: &Run, output: &Output) -> Result<Untested> {
    let mut found = Found::default();
    found.chromium()?;
    if !found.untested.is_empty() {
        return Ok(found.untested);
    }
    run.servers.launch(DEFAULT_VERSION, Store::Demo)?;
    let installed = install(&run.filter, &mut found)?;
    site::ensure()?;
    let report = places::target()?.join("providers.jsonl");
    fs::write(&report, "").explain(|| format!("cannot write {}", report.display()))?;
    found.variables.extend(variables(run, &installed, &report)?);
    let names = run.filter.iter().map(|name| name.replace('-', "_"));
    let filter: Vec<_> = names.collect();
    let tests = Wanted::System(&["providers"]);
    let outcome = native::test(run, output, tests, &filter, &found.variables);
    if installed.len() == providers::ALL.len() {
        write_table(&installed, &report)?;
    }
    outcome.map(|()| found.untested)
}

/// Installs the providers that `filter` names, and notes those that cannot be.
fn install(filter: &[String], found: &mut Found) -> Result<Vec<(Provider, Installed)>> {
    let mut all = Vec::new();
    for provider in chosen(filter)? {
        let Some(installed) = provider.ensure()? else {
            let gap = format!("{}, which cannot be installed here", provider.title);
            found.untested.push(gap);
            continue;
        };
        all.push((provider, installed));
    }
    Ok(all)
}

fn variables(
    run: &Run,
    installed: &[(Provider, Installed)],
    report: &Path,
) -> Result<Vec<(&'static str, OsString)>> {
    let mlflow = run.servers.get(DEFAULT_VERSION, Store::Demo)?;
    let named = installed.iter();
    let mut variables: Vec<_> = named
        .map(|(_, found)| (found.variable, found.path.clone().into()))
        .collect();
    variables.extend([
        ("RUST_TEST_THREADS", TESTS.into()),
        system::site_variable(),
        system::gateway_variable()?,
        ("SHELL_TEST_MLFLOW", mlflow.url.clone().into()),
        ("SHELL_TEST_DEMO", mlflow.demo()),
        ("SHELL_TEST_REPORT", report.into()),
    ]);
    Ok(variables)
}

fn write_table(installed: &[(Provider, Installed)], report: &Path) -> Result<()> {
    let text = fs::read_to_string(report);
    let text = text.explain(|| format!("cannot read {}", report.display()))?;
    let rows: Vec<_> = installed
        .iter()
        .map(|(provider, found)| Row::read(provider, &found.version, &text))
        .collect::<Result<_>>()?;
    table::write(&places::workspace().join("docs/PROVIDERS.md"), &rows)?;
    say("the table of providers in docs/PROVIDERS.md is up to date");
    Ok(())
}

fn chosen(filter: &[String]) -> Result<Vec<Provider>> {
    let is_known = |wanted: &&String| providers::ALL.iter().any(|one| one.name == wanted.as_str());
    if let Some(unknown) = filter.iter().find(|wanted| !is_known(wanted)) {
        let names: Vec<_> = providers::ALL.iter().map(|one| one.name).collect();
        return Err(Failure::because(format!(
            "`{unknown}` is not among the providers that are tried: {}",
            names.join(" ")
        )));
    }
    let mut chosen = providers::ALL.to_vec();
    chosen.retain(|one| filter.is_empty() || filter.iter().any(|wanted| wanted == one.name));
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_chosen_by_name() {
        let names = |filter: &[String]| -> Vec<_> {
            let chosen = chosen(filter).unwrap();
            chosen.iter().map(|one| one.name).collect()
        };
        assert_eq!(names(&[]).len(), providers::ALL.len());
        assert_eq!(names(&["glewlwyd".to_owned()]), ["glewlwyd"]);
        let failure = chosen(&["okta".to_owned()]).unwrap_err();
        assert!(failure.to_string().starts_with("`okta` is not among"));
    }
}
