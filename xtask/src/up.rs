//! `cargo xtask up`: the whole product on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    cargo,
    console::say,
    failure::{Explain, Failure, Result},
    http,
    mlflow::{self, Mlflow},
    places,
    process::{self, Process},
    programs, site,
};

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

    if options.open {
        wait_for(&mut gateway, &format!("http://127.0.0.1:{port}/"))?;
        open(&format!("http://localhost:{port}/"));
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

/// Starts `mlflow-shell up`, which shows where it is and who can sign in.
fn start_gateway(port: u16, upstream: &str, folder: &Path) -> Result<Process> {
    say("starting the gateway");
    let mut command = Command::new(cargo::debug_binary("mlflow-shell")?);
    command
        .arg("up")
        .args(["--port", &port.to_string()])
        .args(["--upstream", upstream])
        .arg("--data")
        .arg(folder)
        .arg("--site")
        .arg(places::site());
    Process::start("the gateway", &mut command)
}

/// Waits until the gateway answers.
fn wait_for(gateway: &mut Process, url: &str) -> Result<()> {
    let end = Instant::now() + START_LIMIT;
    while !http::is_healthy(&format!("{url}healthz")) {
        require_running(gateway)?;
        if Instant::now() > end {
            let seconds = START_LIMIT.as_secs();
            let late = format!("the gateway did not answer within {seconds} s");
            return Err(Failure::because(late));
        }
        process::pause(POLL)?;
    }
    Ok(())
}

fn require_running(gateway: &mut Process) -> Result<()> {
    match gateway.ended()? {
        None => Ok(()),
        Some(status) => Err(Failure::because(format!(
            "the gateway ended by itself ({status}); its own words are above"
        ))),
    }
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
fn watch(gateway: &mut Process, mut mlflow: Option<&mut Mlflow>) -> Result<()> {
    loop {
        require_running(gateway)?;
        if let Some(mlflow) = &mut mlflow {
            mlflow.server.require_alive()?;
        }
        if process::pause(POLL).is_err() {
            say("\nstopping");
            return Ok(());
        }
    }
}
