//! `cargo xtask up`: the whole product on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use clap::Args;

use crate::{
    cargo,
    console::say,
    failure::{Explain, Failure, Result},
    http,
    logged::LoggedProcess,
    mlflow::{self, Mlflow},
    places, process, programs, site,
};

/// Who can sign in, and the group of each.
const USERS: &[(&str, &str)] = &[
    ("mlflow-admin@example.com", "admins"),
    ("mlflow-reader@example.com", "readers"),
    ("mlflow-model-approver@example.com", "model-approvers"),
];
/// The password of all of them, which is the development provider's.
const PASSWORD: &str = "mlflow-dev-only";

/// The machine clients, and the scopes of each.
const MACHINES: &[(&str, &str)] = &[
    ("mlflow-machine-reader", "mlflow/read"),
    ("mlflow-machine-writer", "mlflow/read mlflow/write"),
];
/// The secret of both, which is the development provider's.
const SECRET: &str = "mlflow-dev-only-secret";

const START_LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(200);

/// What `up` can be told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The MLflow version to run
    #[arg(long, value_name = "VERSION", default_value = mlflow::DEFAULT_VERSION)]
    mlflow: String,
    /// Use the MLflow that already runs at this address
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// The port to answer at; the next one is for the development identity provider
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..u16::MAX as i64))]
    port: u16,
    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
    /// Where MLflow keeps its data, and the logs are
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Starts everything, and runs until it is stopped.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Options { port, .. } = *options;
    http::require_free_port(port, "the gateway")?;
    http::require_free_port(port + 1, "the development identity provider")?;
    if let Some(url) = &options.upstream {
        require_upstream(url)?;
    }
    let folder = data_folder(options)?;
    announce(options)?;

    let mut mlflow = prepare(options, &folder)?;
    let here = mlflow.as_ref().map(|mlflow| mlflow.url.as_str());
    let upstream = options.upstream.as_deref().or(here).unwrap_or_default();
    let mut gateway = start_gateway(port, upstream, &folder)?;

    let url = format!("http://localhost:{port}/");
    introduce(&url, port + 1);
    if options.open {
        open(&url);
    }
    watch(&mut gateway, mlflow.as_mut())
}

/// Says what will be done, and about how long each part takes.
fn announce(options: &Options) -> Result<()> {
    say("about to (estimates are for two idle processors):");
    if options.upstream.is_none() {
        let minutes = mlflow::minutes(&options.mlflow)?;
        announce_part(
            &format!("MLflow {}: install, start, add demo data", options.mlflow),
            minutes,
        );
    }
    announce_part(
        "build tools: install trunk and wasm-bindgen",
        site::tool_minutes()?,
    );
    announce_part("site: build", site::minutes());
    announce_part("gateway: build, start", cargo::minutes("mlflow-shell")?);
    say("MLflow and the builds go on at the same time.\n");
    Ok(())
}

fn announce_part(what: &str, minutes: u32) {
    let estimate = match minutes {
        0 => "ready, or seconds".to_owned(),
        minutes => format!("{minutes} min, this first time"),
    };
    say(format!("  {what:<52}{estimate}"));
}

/// Builds the site and the gateway while MLflow is installed, started and filled.
/// The first of both that fails ends the other.
fn prepare(options: &Options, folder: &Path) -> Result<Option<Mlflow>> {
    let fill = || -> Result<Option<Mlflow>> {
        if options.upstream.is_some() {
            return Ok(None);
        }
        let mut mlflow = mlflow::launch(&options.mlflow, folder)?;
        mlflow.make_ready()?;
        say(format!("MLflow is ready at {}", mlflow.url));
        Ok(Some(mlflow))
    };
    let build = || site::ensure().and_then(|()| build_gateway());
    let (mlflow, ()) = process::both(fill, build)?;
    Ok(mlflow)
}

fn require_upstream(url: &str) -> Result<()> {
    let answers = if url.starts_with("https://") {
        http::accepts_connections(url)
    } else {
        http::is_healthy(&format!("{}/health", url.trim_end_matches('/')))
    };
    if answers {
        return Ok(());
    }
    Err(Failure::because(format!(
        "no MLflow answers at {url}: start it, correct `--upstream`, \
         or leave it out to run one here"
    )))
}

/// Returns the absolute path of the data folder, which exists.
fn data_folder(options: &Options) -> Result<PathBuf> {
    let folder = match &options.data {
        Some(folder) => folder.clone(),
        None => places::data(&options.mlflow)?,
    };
    fs::create_dir_all(&folder)
        .and_then(|()| folder.canonicalize())
        .explain(|| format!("cannot use {} for data", folder.display()))
}

fn build_gateway() -> Result<()> {
    say("building the gateway");
    // Without optimisation of our own code: one user does not notice, and the
    // first start is shorter by minutes.
    cargo::run(&["build", "--package=shell-cli", "--features=dev-idp"])
}

fn start_gateway(port: u16, upstream: &str, folder: &Path) -> Result<LoggedProcess> {
    say("starting the gateway");
    let mut command = Command::new(cargo::debug_binary("mlflow-shell")?);
    command
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .args(["--origin", &format!("http://localhost:{port}")])
        .args(["--upstream", upstream])
        .arg("--site")
        .arg(places::site())
        .args(["--dev-idp", &format!("127.0.0.1:{}", port + 1)]);
    let mut gateway =
        LoggedProcess::start("the gateway", &mut command, &folder.join("gateway.log"))?;
    gateway.wait_until_healthy(&format!("http://127.0.0.1:{port}/healthz"), START_LIMIT)?;
    Ok(gateway)
}

fn introduce(url: &str, provider: u16) {
    say(format!("\n  {url}\n"));
    for (user, group) in USERS {
        say(format!("  {user:<36}{group:<18}{PASSWORD}"));
    }
    say(format!(
        "\n  machines, at http://localhost:{provider}/oauth2/token:\n"
    ));
    for (machine, scopes) in MACHINES {
        say(format!("  {machine:<36}{scopes:<26}{SECRET}"));
    }
    say("\nCtrl-C stops everything.");
}

/// Opens the default browser, which is a courtesy: the address is printed too.
fn open(url: &str) {
    let outcome = programs::find(&["xdg-open", "open"])
        .map(|opener| process::run("the browser", Command::new(opener).arg(url)));
    if !matches!(outcome, Some(Ok(()))) {
        say(format!("no browser could be opened: open {url} yourself"));
    }
}

/// Waits until a server ends, which is a failure, or someone asks to stop.
fn watch(gateway: &mut LoggedProcess, mut mlflow: Option<&mut Mlflow>) -> Result<()> {
    loop {
        gateway.require_alive()?;
        if let Some(mlflow) = &mut mlflow {
            mlflow.server.require_alive()?;
        }
        if process::pause(POLL).is_err() {
            say("\nstopping");
            return Ok(());
        }
    }
}
