//! Measurements of the running product.

use std::{
    num::NonZeroU16,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    browsers, cargo,
    failure::{Failure, Result},
    mlflow::{self, DEFAULT_VERSION, DEMO},
    places, process, site,
};

/// How many samples are taken unless another number is asked for.
pub(crate) const SAMPLES: NonZeroU16 = NonZeroU16::new(9).unwrap();

/// Measures how long the experiments list takes to appear, in bare MLflow and
/// in the shell.
pub(crate) fn page(samples: NonZeroU16) -> Result<()> {
    let Some(chromium) = browsers::chromium()? else {
        return Err(Failure::because(
            "the measurement is made in Chromium: install it with its driver, chromedriver",
        ));
    };
    let folder = places::test_data(DEFAULT_VERSION)?;
    let mut mlflow = mlflow::launch(DEFAULT_VERSION, &folder)?;
    site::ensure()?;
    mlflow.make_ready()?;

    let program = build()?;
    let mut command = Command::new(program);
    command
        .env("SHELL_BENCH_SAMPLES", samples.to_string())
        .env("SHELL_TEST_SITE", places::site())
        .env("SHELL_TEST_MLFLOW", &mlflow.url)
        .env("SHELL_TEST_DEMO", folder.join(DEMO))
        .env("SHELL_TEST_CHROMIUM", chromium.program)
        .env("SHELL_TEST_CHROMEDRIVER", chromium.driver);
    process::run("the measurement", &mut command)
}

/// Builds the measurement, and returns its path: started from here and not by
/// cargo, it has time to stop its browser when it is asked to stop.
fn build() -> Result<PathBuf> {
    let arguments = ["bench", "--package=shell-tests", "--bench=page", "--no-run"];
    let mut command = cargo::command()?;
    command
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit());
    let executable = process::answer(&mut command).and_then(|messages| {
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        messages
            .filter_map(|message| executable(&message))
            .next_back()
    });
    executable.ok_or_else(|| {
        let spelled = cargo::spelled(&arguments);
        Failure::because(format!("{spelled} failed; its own words are above"))
    })
}

/// Returns the program that this message of cargo's says was built.
fn executable(message: &Value) -> Option<PathBuf> {
    message["executable"].as_str().map(PathBuf::from)
}
