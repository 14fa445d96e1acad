//! Which endpoints MLflow has, version by version, asked of MLflow itself.

mod table;

use std::{fs, path::PathBuf, process::Command};

use clap::Args;

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    mlflow::environment,
    places,
};
use table::Table;

/// What the options of `mlflow server` need that add endpoints.
const COMPANIONS: &[&str] = &["Flask-WTF", "prometheus-flask-exporter"];

/// Of which versions the endpoints are listed.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The version to list, a new one or again; all of the table if none is named
    #[arg(long, value_name = "VERSION")]
    mlflow: Vec<String>,
}

/// Brings the table of endpoints up to date.
pub(crate) fn run(options: Options) -> Result<()> {
    let path = folder().join("endpoints.tsv");
    let text = fs::read_to_string(&path).explain(|| format!("cannot read {}", path.display()))?;
    let mut table = Table::parse(&text)?;
    let versions = match options.mlflow {
        named if named.is_empty() => table.versions().to_vec(),
        named => named,
    };
    for version in &versions {
        table.set(version, &list(version)?)?;
        let text = table.to_string();
        fs::write(&path, text).explain(|| format!("cannot write {}", path.display()))?;
    }
    for version in &versions {
        report(version, &table);
    }
    Ok(())
}

/// Returns a line for each endpoint of a version.
fn list(version: &str) -> Result<String> {
    let environment = environment::ensure(version)?;
    environment.pip(&[&["install", "--quiet"], COMPANIONS].concat())?;
    say(format!("asking MLflow {version} for its endpoints"));
    // No compiled files beside the sources.
    let mut command = Command::new(environment.program("python"));
    command.arg("-B").arg(folder().join("list.py"));
    let output = command
        .output()
        .explain(|| "Python cannot be started".to_owned())?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().last().unwrap_or("it said nothing");
        return Err(Failure::because(format!(
            "the endpoints of MLflow {version} could not be listed: {last}"
        )));
    }
    String::from_utf8(output.stdout).explain(|| "the list of endpoints is no text".to_owned())
}

fn report(version: &str, table: &Table) {
    let Some(change) = table.change(version) else {
        return;
    };
    let (added, ended) = (change.added.len(), change.ended.len());
    say(format!(
        "MLflow {version} adds {added} endpoints and ends {ended}"
    ));
    for endpoint in change.added {
        say(format!("  + {endpoint}"));
    }
    for endpoint in change.ended {
        say(format!("  - {endpoint}"));
    }
}

fn folder() -> PathBuf {
    places::workspace().join("tests/endpoints")
}
