//! Measurements of the running product.

use std::{
    num::NonZeroU16,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    browsers, cargo, dist,
    failure::{Explain, Failure, Result},
    mlflow::{self, DEFAULT_VERSION, DEMO},
    peer, places, process, site,
};

/// How many samples are taken unless another number is asked for.
const SAMPLES: NonZeroU16 = NonZeroU16::new(9).unwrap();

/// What `bench` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to measure
    what: Measurement,
    /// How many samples to take the medians of
    #[arg(long, value_name = "COUNT", default_value_t = SAMPLES)]
    samples: NonZeroU16,
    /// The `dist` folder of an earlier build to measure the page beside
    #[arg(long, value_name = "DIR")]
    before: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Measurement {
    /// From navigation to the experiments list
    Page,
    /// What attaching a token costs each request
    Session,
    /// The Lambda authorizer beside the AWS sample's
    Authorizer,
    /// The gateway beside nginx and a proxy in Python
    Gateway,
    /// The gateway as users, processes, rules and audit lines grow
    Scale,
    /// Pages and lists with many runs, bare and in the shell
    Wire,
}

/// Measures what is asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Options { samples, .. } = *options;
    match (options.what, &options.before) {
        (Measurement::Page, before) => page(samples, before.as_deref()),
        (_, Some(_)) => Err(Failure::because("only `bench page` knows `--before`")),
        (Measurement::Session, None) => session(samples),
        (Measurement::Authorizer, None) => authorizer(samples),
        (Measurement::Gateway, None) => gateway(samples),
        (Measurement::Scale, None) => scale(samples),
        (Measurement::Wire, None) => wire(samples),
    }
}

/// Measures how long the experiments list takes to appear, in bare MLflow, in
/// the shell, and in an earlier build of the shell.
fn page(samples: NonZeroU16, before: Option<&Path>) -> Result<()> {
    let before = before.map(built_site).transpose()?;
    let Some(chromium) = browsers::chromium()? else {
        return Err(Failure::because(
            "the measurement is made in Chromium: install it with its driver, chromedriver",
        ));
    };
    let folder = places::test_data(DEFAULT_VERSION)?;
    let mut mlflow = mlflow::launch(DEFAULT_VERSION, &folder)?;
    site::ensure()?;
    mlflow.make_ready()?;

    let mut command = prepare("page", samples)?;
    command
        .env("SHELL_TEST_MLFLOW", &mlflow.url)
        .env("SHELL_TEST_DEMO", folder.join(DEMO))
        .env("SHELL_TEST_CHROMIUM", chromium.program)
        .env("SHELL_TEST_CHROMEDRIVER", chromium.driver);
    if let Some(before) = before {
        command.env("SHELL_BENCH_BEFORE", before);
    }
    process::run("the measurement", &mut command)
}

/// Measures how long pages with many runs take to appear, and MLflow's client to page
/// through many, bare and through the gateway.
fn wire(samples: NonZeroU16) -> Result<()> {
    let Some(chromium) = browsers::chromium()? else {
        return Err(Failure::because(
            "the measurement is made in Chromium: install it with its driver, chromedriver",
        ));
    };
    let folder = places::test_data(&format!("{DEFAULT_VERSION}-wire"))?;
    let data = mlflow::many_runs(DEFAULT_VERSION, &folder)?;
    let mut mlflow = mlflow::launch(DEFAULT_VERSION, &folder)?;
    site::ensure()?;
    mlflow.wait()?;

    let mut command = prepare("wire", samples)?;
    command
        .env("SHELL_TEST_MLFLOW", &mlflow.url)
        .env("SHELL_TEST_PYTHON", mlflow.python())
        .env("SHELL_BENCH_DATA", data)
        .env("SHELL_TEST_CHROMIUM", chromium.program)
        .env("SHELL_TEST_CHROMEDRIVER", chromium.driver);
    if let Some(firefox) = browsers::firefox()? {
        command.env("SHELL_TEST_FIREFOX", firefox.program);
        command.env("SHELL_TEST_GECKODRIVER", firefox.driver);
    }
    if let Some(webkit) = browsers::webkit()? {
        command.env("SHELL_TEST_WEBKIT", webkit.browser.program);
        command.env("SHELL_TEST_WEBKITDRIVER", webkit.browser.driver);
        command.env("SHELL_TEST_XVFB", webkit.xvfb);
    }
    process::run("the measurement", &mut command)
}

/// Returns the absolute path of a folder that has a built site.
fn built_site(folder: &Path) -> Result<PathBuf> {
    let index = folder.join("index.html");
    let cannot_find = || format!("no built site in {}", folder.display());
    index.metadata().explain(cannot_find)?;
    folder.canonicalize().explain(cannot_find)
}

/// Measures what attaching a token costs each request, with our worker and with
/// the one of `@axa-fr/oidc-client`, and how soon a stopped worker answers.
fn session(samples: NonZeroU16) -> Result<()> {
    let browsers = [browsers::chromium()?, browsers::firefox()?];
    if browsers.iter().all(Option::is_none) {
        return Err(Failure::because(
            "the measurement is made in Chromium and Firefox: install one of them",
        ));
    }
    let Some(peer) = peer::ensure_axa()? else {
        return Err(Failure::because(
            "our worker is measured beside one that npm installs: install Node.js with npm",
        ));
    };
    site::ensure()?;

    let mut command = prepare("session", samples)?;
    command.env("SHELL_BENCH_PEER", peer);
    let names = [
        ["SHELL_TEST_CHROMIUM", "SHELL_TEST_CHROMEDRIVER"],
        ["SHELL_TEST_FIREFOX", "SHELL_TEST_GECKODRIVER"],
    ];
    for ([program, driver], browser) in names.into_iter().zip(browsers) {
        if let Some(browser) = browser {
            command.env(program, browser.program);
            command.env(driver, browser.driver);
        }
    }
    process::run("the measurement", &mut command)
}

/// Measures our Lambda function beside one that does what the AWS sample's does.
fn authorizer(samples: NonZeroU16) -> Result<()> {
    let Some(sample) = peer::ensure_sample()? else {
        return Err(Failure::because(
            "our function is measured beside one in Python: install Python 3.10 or newer, and \
             check the network",
        ));
    };
    let package = dist::lambda_for_here()?;

    let share = build("shell-authorizer", "share")?;
    process::run("the measurement", &mut Command::new(share))?;

    let mut command = prepare("authorizer", samples)?;
    command
        .env("SHELL_TEST_AUTHORIZER", package.program)
        .env("SHELL_TEST_SAMPLE", sample.folder)
        .env("SHELL_TEST_SAMPLE_PYTHON", sample.python)
        .env("SHELL_BENCH_ZIP", package.zip);
    process::run("the measurement", &mut command)
}

/// Measures the gateway beside the proxies that it replaces, and beside nginx.
fn gateway(samples: NonZeroU16) -> Result<()> {
    let Some(nginx) = peer::ensure_nginx()? else {
        return Err(Failure::because(
            "the gateway is measured beside nginx: install it (on Debian the package \
             nginx-light, which this command installs as root)",
        ));
    };
    let Some(python) = peer::ensure_flask()? else {
        return Err(Failure::because(
            "the gateway is measured beside a proxy in Python: install Python 3.10 or newer, and \
             check the network",
        ));
    };
    let gateway = built_gateway()?;

    let mut command = prepare("gateway", samples)?;
    command
        .env("SHELL_BENCH_NGINX", nginx)
        .env("SHELL_BENCH_PYTHON", python)
        .env("SHELL_BENCH_GATEWAY", gateway);
    process::run("the measurement", &mut command)
}

/// Measures the gateway as the work grows.
fn scale(samples: NonZeroU16) -> Result<()> {
    let Some(nginx) = peer::ensure_nginx()? else {
        return Err(Failure::because(
            "several gateways are measured behind nginx: install it (on Debian the package \
             nginx-light, which this command installs as root)",
        ));
    };
    let gateway = built_gateway()?;

    let mut command = prepare("scale", samples)?;
    command
        .env("SHELL_BENCH_NGINX", nginx)
        .env("SHELL_BENCH_GATEWAY", gateway);
    process::run("the measurement", &mut command)
}

/// Builds the gateway as it is released, with its site, and returns its path.
fn built_gateway() -> Result<PathBuf> {
    site::ensure()?;
    cargo::run(&[
        "build",
        "--locked",
        "--profile=gateway",
        "--package=shell-cli",
    ])?;
    Ok(places::target()?.join("gateway/mlflow-shell"))
}

/// Returns the built measurement as a command that knows the site.
fn prepare(name: &str, samples: NonZeroU16) -> Result<Command> {
    let mut command = Command::new(build("shell-tests", name)?);
    command
        .env("SHELL_BENCH_SAMPLES", samples.to_string())
        .env("SHELL_TEST_SITE", places::site());
    Ok(command)
}

/// Builds a measurement, and returns its path: started from here and not by
/// cargo, it has time to stop its browser when it is asked to stop.
fn build(package: &str, name: &str) -> Result<PathBuf> {
    let (package, name) = (format!("--package={package}"), format!("--bench={name}"));
    let arguments = ["bench", &package, &name, "--no-run"];
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
