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

/// A table, and the script that lists what a version has for it.
struct Source {
    file: &'static str,
    columns: &'static str,
    script: &'static str,
    what: &'static str,
}

const SOURCES: [Source; 2] = [
    Source {
        file: "endpoints.tsv",
        columns: table::ENDPOINTS,
        script: "list.py",
        what: "endpoints",
    },
    Source {
        file: "names.tsv",
        columns: table::NAMES,
        script: "names.py",
        what: "parameters",
    },
];

/// Brings the tables of endpoints and of their parameters up to date.
pub(crate) fn run(options: &Options) -> Result<()> {
    for source in &SOURCES {
        source.update(&options.mlflow)?;
    }
    Ok(())
}

impl Source {
    fn update(&self, named: &[String]) -> Result<()> {
        let path = folder().join(self.file);
        let text =
            fs::read_to_string(&path).explain(|| format!("cannot read {}", path.display()))?;
        let mut table = Table::parse(self.columns, &text)?;
        let versions = match named {
            [] => table.versions().to_vec(),
            named => named.to_vec(),
        };
        for version in &versions {
            table.set(version, &self.list(version)?)?;
            let text = table.to_string();
            fs::write(&path, text).explain(|| format!("cannot write {}", path.display()))?;
        }
        for version in &versions {
            self.report(version, &table);
        }
        Ok(())
    }

    /// Returns a line for each endpoint of a version, or each parameter.
    fn list(&self, version: &str) -> Result<String> {
        let environment = environment::ensure(version)?;
        environment.pip(&[&["install", "--quiet"], COMPANIONS].concat())?;
        say(format!("asking MLflow {version} for its {}", self.what));
        // No compiled files beside the sources.
        let mut command = Command::new(environment.program("python"));
        command.arg("-B").arg(folder().join(self.script));
        let output = command
            .output()
            .explain(|| "Python cannot be started".to_owned())?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let last = words.lines().last().unwrap_or("it said nothing");
            return Err(Failure::because(format!(
                "the {} of MLflow {version} could not be listed: {last}",
                self.what
            )));
        }
        String::from_utf8(output.stdout).explain(|| format!("the list of {} is no text", self.what))
    }

    fn report(&self, version: &str, table: &Table) {
        let Some(change) = table.change(version) else {
            return;
        };
        let (added, ended) = (change.added.len(), change.ended.len());
        let what = self.what;
        say(format!(
            "MLflow {version} adds {added} {what} and ends {ended}"
        ));
        for endpoint in change.added {
            say(format!("  + {endpoint}"));
        }
        for endpoint in change.ended {
            say(format!("  - {endpoint}"));
        }
    }
}

fn folder() -> PathBuf {
    places::workspace().join("tests/endpoints")
}
