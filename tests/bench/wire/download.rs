//! A large artifact, read by a script in each engine: straight from its server, and
//! through worker and gateway.

use std::{convert::Infallible, path::PathBuf, process, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, Bytes},
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use futures_util::stream;
use serde_json::json;
use shell_tests::{
    driver::{Browser, ENGINES, Engine},
    server::Server,
    usage::Usage,
};
use thirtyfour::WebDriver;

use crate::{
    harness::say,
    network::{Network, Side, Target},
    series::Series,
    sign_in,
};

const ARTIFACT: &str = "/ajax-api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/large.bin";

const LENGTH: u64 = 1536 * 1024 * 1024;

const PIECE: usize = 1024 * 1024;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Reads the file to its end and keeps nothing of it.
const READ: &str = "\
    const [url, done] = arguments;\
    (async () => {\
      const began = performance.now();\
      const reader = (await fetch(url, { cache: 'no-store' })).body.getReader();\
      let length = 0;\
      for (let part; !(part = await reader.read()).done; ) length += part.value.length;\
      return { took: performance.now() - began, length };\
    })().then(done, (error) => done(String(error)));";

/// What is measured of one engine, straight and through the shell.
#[derive(Debug)]
struct Figures {
    engine: Engine,
    /// Megabytes a second.
    speed: [Series; 2],
    /// By how many megabytes the browser grew at most while it read.
    browser: [Series; 2],
    /// The same for this process, which is the file's server and the gateway.
    servers: [Series; 2],
}

/// Measures and reports every engine that is installed.
pub(crate) async fn measure(samples: usize, builds: &[(Side, PathBuf)]) -> Result<()> {
    let server = Server::start(upstream()).await?;
    let network = Network::start("localhost", None, &server.origin(), builds).await?;
    let mut all = ENGINES.map(|engine| Figures {
        engine,
        speed: Default::default(),
        browser: Default::default(),
        servers: Default::default(),
    });
    for number in 1..=samples {
        say(&format!("download {number} of {samples}"));
        for figures in &mut all {
            for target in network.targets() {
                let what = format!("{:?} in {:?}", target.side, figures.engine);
                figures.sample(target).await.context(what)?;
            }
        }
    }
    say(
        "\n| 1.5 GB | straight, MB/s | through, MB/s | ratio | browser grew by, MB | servers grew by, MB |\n|---|--:|--:|--:|--:|--:|",
    );
    for figures in &all {
        figures.say();
    }
    Ok(())
}

impl Figures {
    async fn sample(&mut self, target: &Target) -> Result<()> {
        let downloads = tempfile::tempdir()?;
        let Some(browser) = Browser::start(self.engine, downloads.path()).await? else {
            return Ok(());
        };
        let (side, url) = match target.side {
            Side::Bare => (0, format!("{}{ARTIFACT}", target.origin)),
            Side::Before | Side::Shell => (1, format!("{}/mlflow{ARTIFACT}", target.origin)),
        };
        browser.driver.goto(&target.origin).await?;
        if side == 1 {
            sign_in::to_shell(&browser.driver).await?;
        }
        let (own, family) = (Usage::of(process::id())?, family()?);
        let (took, [most_own, most_family]) = watched(read(&browser.driver, &url)).await?;
        #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
        self.speed[side].0.push(LENGTH as f64 / 1e3 / took);
        self.servers[side].0.push(megabytes(most_own, own.resident));
        self.browser[side].0.push(megabytes(most_family, family));
        browser.driver.clone().quit().await?;
        Ok(())
    }

    fn say(&self) {
        let [straight, through] = self.speed.each_ref().map(Series::median);
        let both = |series: &[Series; 2]| {
            let [straight, through] = series.each_ref().map(Series::median);
            format!("{straight:.0}, {through:.0}")
        };
        say(&format!(
            "| {} | {straight:.0} | {through:.0} | {:.2} | {} | {} |",
            self.engine,
            through / straight,
            both(&self.browser),
            both(&self.servers),
        ));
    }
}

/// Reads the file; returns how many milliseconds that took.
async fn read(driver: &WebDriver, url: &str) -> Result<f64> {
    driver.set_script_timeout(Duration::from_mins(5)).await?;
    let told = driver.execute_async(READ, vec![json!(url)]).await?;
    let told = told.json();
    ensure!(told["length"] == LENGTH, "it came as {told}");
    told["took"].as_f64().context("a number")
}

/// Watches the memory of this process and its descendants, the browser's, meanwhile.
async fn watched(reading: impl Future<Output = Result<f64>>) -> Result<(f64, [u64; 2])> {
    let mut reading = std::pin::pin!(reading);
    let mut most = [0; 2];
    let mut often = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            took = &mut reading => return Ok((took?, most)),
            _ = often.tick() => {
                let now = [Usage::of(process::id())?.resident, family()?];
                most = [most[0].max(now[0]), most[1].max(now[1])];
            }
        }
    }
}

/// What the browser, its driver and display have: all that this process has started.
fn family() -> Result<u64> {
    let own = Usage::of(process::id())?.resident;
    Ok(Usage::of_family(process::id())?
        .resident
        .saturating_sub(own))
}

fn megabytes(most: u64, before: u64) -> f64 {
    let grown = u32::try_from(most.saturating_sub(before) / 1024);
    f64::from(grown.unwrap_or(u32::MAX)) / 1024.0
}

/// A page, and the file.
fn upstream() -> Router {
    let page = || async { Html("<!doctype html><title>MLflow</title>") };
    Router::new()
        .route("/", get(page))
        .route(ARTIFACT, get(file))
}

async fn file() -> Response {
    let piece = Bytes::from(vec![7; PIECE]);
    let count = usize::try_from(LENGTH).unwrap_or(usize::MAX) / PIECE;
    let pieces = std::iter::repeat_n(Ok::<_, Infallible>(piece), count);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=large.bin".to_owned(),
        ),
        (header::CONTENT_LENGTH, LENGTH.to_string()),
    ];
    (headers, Body::from_stream(stream::iter(pieces))).into_response()
}
