//! Pages of MLflow's: a browser that opens them, and what its own clock says.

use anyhow::{Context, Result};
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

/// A page of MLflow's, and when it is there.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) name: &'static str,
    route: String,
    is_there: String,
}

impl Page {
    /// The table of an experiment's runs.
    pub(crate) fn runs(experiment: &str) -> Self {
        Self {
            name: "runs",
            route: format!("/#/experiments/{experiment}/runs"),
            is_there:
                "[...document.links].some((link) => /^[a-z]+-999$/.test(link.textContent.trim()) \
                 && isShown(link))"
                    .to_owned(),
        }
    }

    /// The charts of an experiment's runs.
    pub(crate) fn charts(experiment: &str) -> Self {
        Self {
            name: "charts",
            route: format!("/#/experiments/{experiment}/runs?compareRunsMode=CHART"),
            is_there: "[...document.querySelectorAll('.js-plotly-plot')].filter((chart) => \
                 isShown(chart) && chart.querySelector('.scatterlayer .trace path')).length >= 4"
                .to_owned(),
        }
    }
}

/// What one browser profile has to tell.
#[derive(Debug)]
pub(crate) struct Visits {
    /// With empty caches, signed in.
    pub(crate) cold: Visit,
    /// Once more.
    pub(crate) warm: Visit,
}

/// One navigation. Times are in milliseconds.
#[derive(Debug)]
pub(crate) struct Visit {
    /// From its start until the page was there.
    pub(crate) after: f64,
    /// Of that, after the last answer of the API had come.
    pub(crate) drawing: f64,
    /// From the request of the slowest answer of the API to its first byte.
    pub(crate) waiting: f64,
    files: Vec<String>,
    /// How many bytes came over the link.
    pub(crate) received: Option<u64>,
}

impl Visits {
    /// The paths of the files of MLflow's bundle that came.
    pub(crate) fn files(&self, origin: &str) -> Vec<String> {
        let paths = self
            .cold
            .files
            .iter()
            .filter_map(|url| url.strip_prefix(origin));
        let inside = paths.filter(|path| path.starts_with("/static-files/"));
        inside.map(String::from).collect()
    }
}

/// Opens a page twice with a new browser profile.
pub(crate) async fn sample(network: &Network, target: &Target, page: &Page) -> Result<Visits> {
    let downloads = tempfile::tempdir()?;
    let browser = Browser::start(Engine::Chromium, downloads.path()).await?;
    let browser = browser.context("Chromium and its driver are needed")?;
    let driver = &browser.driver;
    prepare(driver, target, page).await?;

    command(driver, "Network.clearBrowserCache", json!({})).await?;
    let cold = visit(driver, network, target, page).await.context("cold")?;
    let aside = match target.side {
        Side::Bare => "/health",
        Side::Before | Side::Shell => "/healthz",
    };
    driver.goto(format!("{}{aside}", target.origin)).await?;
    let warm = visit(driver, network, target, page).await.context("warm")?;
    driver.clone().quit().await?;
    Ok(Visits { cold, warm })
}

/// Signs in, where that is needed, while MLflow's scripts cannot be loaded, and goes on
/// in another tab.
async fn prepare(driver: &WebDriver, target: &Target, page: &Page) -> Result<()> {
    command(driver, "Network.enable", json!({})).await?;
    let scripts = json!({ "urls": ["*/static-files/*"] });
    command(driver, "Network.setBlockedURLs", scripts).await?;
    driver.goto(&target.origin).await?;
    if target.side == Side::Shell {
        sign_in::to_shell(driver).await?;
    }
    let before = driver.window().await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(before).await?;
    driver.close_window().await?;
    driver.switch_to_window(tab).await?;
    let script = OBSERVER.replace("IS_THERE", &page.is_there);
    let script = json!({ "source": script });
    command(driver, "Page.addScriptToEvaluateOnNewDocument", script).await?;
    // A tab in the background would draw no frames.
    command(driver, "Page.bringToFront", json!({})).await
}

/// Navigates, and waits until the page is there.
async fn visit(
    driver: &WebDriver,
    network: &Network,
    target: &Target,
    page: &Page,
) -> Result<Visit> {
    network.reset();
    driver
        .goto(format!("{}{}", target.origin, page.route))
        .await?;
    let told = wait::until("the page", async || {
        let script = "observed.then(arguments[arguments.length - 1]);";
        Ok(Some(
            driver.execute_async(script, vec![]).await?.json().clone(),
        ))
    });
    let told = told.await?;
    let received = network.received();
    read(&told, received).with_context(|| format!("the observer's answer is {told}"))
}

fn read(told: &Value, received: Option<u64>) -> Option<Visit> {
    let files = told["files"].as_array()?.iter();
    Some(Visit {
        after: told["after"].as_f64()?,
        drawing: told["drawing"].as_f64()?,
        waiting: told["waiting"].as_f64()?,
        files: files.filter_map(Value::as_str).map(String::from).collect(),
        received,
    })
}
