//! Third-party clients of MLflow, one version of each.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use crate::{
    failure::{Explain, Result},
    mlflow::{DEFAULT_VERSION, environment},
    places,
    python::{self, Environment, Purpose},
};

/// Packages that are installed with their dependencies.
const PINS: &str = "tests/clients/requirements.txt";

/// Packages that depend on MLflow, and are installed without their dependencies.
const MLFLOW_PINS: &str = "tests/clients/requirements-mlflow.txt";

/// A line of Python that imports them, and prints MLflow's version. Those for kedro are
/// only looked for, since they log to standard output when they are imported.
const QUESTION: &str = "import anthropic, openai, optuna_integration, mlflow_export_import, \
     tabulate, opentelemetry.exporter.otlp.proto.http, mlflow; \
     from importlib.metadata import version; \
     version('kedro'), version('kedro-datasets'), version('kedro-mlflow'); \
     print(mlflow.__version__)";

/// Installs them in the cache if need be; nothing where that is not possible.
pub(crate) fn ensure() -> Result<Option<Environment>> {
    let pins = [read(PINS)?, read(MLFLOW_PINS)?].concat();
    let digest = format!("{:x}", Sha256::digest(pins));
    let purpose = Purpose {
        folder: &format!("clients-{DEFAULT_VERSION}-{}", &digest[..8]),
        what: "third-party clients of MLflow",
        takes: "5 min",
        question: QUESTION,
        versions: DEFAULT_VERSION,
    };
    python::ensure_if_possible(&purpose, |environment| {
        environment::install(environment, DEFAULT_VERSION)?;
        environment.pip(&["install", "--requirement", &path(PINS)])?;
        // Their version bounds would have pip replace the MLflow that is tested.
        environment.pip(&["install", "--no-deps", "--requirement", &path(MLFLOW_PINS)])
    })
}

/// What each is called, and its version, in the order of the files.
pub(crate) fn versions() -> Result<Vec<(String, String)>> {
    let pins = [read(PINS)?, read(MLFLOW_PINS)?].concat();
    let pins = pins.lines().filter_map(|line| line.split_once("=="));
    Ok(pins
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect())
}

fn read(file: &str) -> Result<String> {
    let unreadable = || format!("cannot read {file}");
    fs::read_to_string(places::workspace().join(Path::new(file))).explain(unreadable)
}

fn path(file: &str) -> String {
    places::workspace()
        .join(file)
        .to_string_lossy()
        .into_owned()
}
