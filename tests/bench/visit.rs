//! Visits: a browser, what it does, and what its own clock says.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    driver::{Browser, Engine},
    wait,
};
use thirtyfour::WebDriver;

use crate::{
    dev_tools::command,
    network::{Network, Side, Target},
    sign_in,
};

const OBSERVER: &str = include_str!("observe.js");

const AWAIT: &str = "observed.then(arguments[arguments.length - 1]);";

/// The same page on every side.
const ROUTE: &str = "/#/experiments";

/// What one browser profile has to tell.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The very first visit to the shell, up to the sign-in card.
    pub(crate) first: Option<Visit>,
    /// With empty caches, signed in.
    pub(crate) cold: Visit,
    /// Once more.
    pub(crate) warm: Visit,
}

/// One navigation. Times are in milliseconds since it started.
#[derive(Debug)]
pub(crate) struct Visit {
    seen: String,
    /// When it was seen.
    pub(crate) after: f64,
    /// When the frame's document was asked for.
    pub(crate) asked: Option<f64>,
    files: Vec<String>,
    /// How many bytes came over the link.
    pub(crate) received: Option<u64>,
}

/// Takes one sample with a new browser profile.
pub(crate) async fn sample(network: &Network, target: &Target) -> Result<Sample> {
    let downloads = tempfile::tempdir()?;
    let browser = Browser::start(Engine::Chromium, downloads.path()).await?;
    let browser = browser.context("Chromium and its driver are needed")?;
    let driver = &browser.driver;

    let first = prepare(driver, network, target).await?;
    fresh_tab(driver).await?;
    command(driver, "Network.clearBrowserCache", json!({})).await?;
    let cold = visit(driver, network, target).await.context("cold")?;
    let aside = aside(target.side);
    driver.goto(format!("{}{aside}", target.origin)).await?;
    let warm = visit(driver, network, target).await.context("warm")?;
    driver.clone().quit().await?;

    cold.require("list")?;
    warm.require("list")?;
    Ok(Sample { first, cold, warm })
}

/// Opens MLflow or signs in to the shell, in a tab in which MLflow's scripts
/// cannot be loaded: the process of this tab is also the worker's, and the
/// visits to come may find in it whatever was compiled in it.
async fn prepare(driver: &WebDriver, network: &Network, target: &Target) -> Result<Option<Visit>> {
    command(driver, "Network.enable", json!({})).await?;
    let scripts = json!({ "urls": ["*/static-files/*"] });
    command(driver, "Network.setBlockedURLs", scripts).await?;
    observe(driver).await?;
    match target.side {
        Side::Bare => {
            driver.goto(&target.origin).await?;
            Ok(None)
        }
        Side::Before | Side::Shell => {
            let first = visit(driver, network, target).await.context("first")?;
            first.require("sign-in card")?;
            sign_in::to_shell(driver).await?;
            Ok(Some(first))
        }
    }
}

/// A page beside MLflow's from where it is visited again: a document that is
/// shown already would not be loaded anew.
fn aside(side: Side) -> &'static str {
    match side {
        Side::Bare => "/health",
        Side::Before | Side::Shell => "/healthz",
    }
}

impl Visit {
    /// Returns the paths of the files that came from below `folder`.
    pub(crate) fn files_below(&self, origin: &str, folder: &str) -> Vec<String> {
        let paths = self.files.iter().filter_map(|url| url.strip_prefix(origin));
        let inside = paths.filter(|path| path.starts_with(folder));
        inside.map(String::from).collect()
    }

    fn require(&self, what: &str) -> Result<()> {
        ensure!(
            self.seen == what,
            "there was the {}, not the {what}",
            self.seen
        );
        Ok(())
    }
}

/// Navigates, and waits until there is something to see.
async fn visit(driver: &WebDriver, network: &Network, target: &Target) -> Result<Visit> {
    network.reset();
    driver.goto(format!("{}{ROUTE}", target.origin)).await?;
    let mut visit = observed(driver).await?;
    visit.received = network.received();
    Ok(visit)
}

/// Waits for what the page's observer saw.
async fn observed(driver: &WebDriver) -> Result<Visit> {
    let answer = wait::until("something to see", async || {
        let answer = driver.execute_async(AWAIT, vec![]).await?;
        Ok(Some(answer.json().clone()))
    })
    .await?;
    read(&answer).with_context(|| format!("the observer's answer is {answer}"))
}

fn read(answer: &Value) -> Option<Visit> {
    let files = answer["files"].as_array()?.iter();
    Some(Visit {
        seen: answer["seen"].as_str()?.to_owned(),
        after: answer["after"].as_f64()?,
        asked: answer["asked"].as_f64(),
        files: files.filter_map(Value::as_str).map(String::from).collect(),
        received: None,
    })
}

/// Opens a tab and closes the one before, with its documents and what was
/// withheld from them.
async fn fresh_tab(driver: &WebDriver) -> Result<()> {
    let before = driver.window().await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(before).await?;
    driver.close_window().await?;
    driver.switch_to_window(tab).await?;
    observe(driver).await
}

/// Has the observer run in every document of this tab.
async fn observe(driver: &WebDriver) -> Result<()> {
    let script = json!({ "source": OBSERVER });
    command(driver, "Page.addScriptToEvaluateOnNewDocument", script).await?;
    // A tab in the background would draw no frames.
    command(driver, "Page.bringToFront", json!({})).await
}
