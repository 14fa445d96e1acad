//! Measurements of the running product.

use std::num::NonZeroU16;

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

    // Cargo builds what it measures with optimisations.
    let arguments = ["bench", "--package=shell-tests", "--bench=page"];
    let mut command = cargo::command()?;
    command
        .args(arguments)
        .env("SHELL_BENCH_SAMPLES", samples.to_string())
        .env("SHELL_TEST_SITE", places::site())
        .env("SHELL_TEST_MLFLOW", &mlflow.url)
        .env("SHELL_TEST_DEMO", folder.join(DEMO))
        .env("SHELL_TEST_CHROMIUM", chromium.program)
        .env("SHELL_TEST_CHROMEDRIVER", chromium.driver);
    process::run(&cargo::spelled(&arguments), &mut command)
}
