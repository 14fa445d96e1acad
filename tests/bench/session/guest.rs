//! A browser at one of the candidates, signed in.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use shell_tests::{
    driver::{Browser, Engine},
    wait,
};
use tempfile::TempDir;

use crate::{
    deployment::{Candidate, Deployment, QUESTION},
    firefox, sign_in,
};

/// How long the requests of one round may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// Between a stopped worker and the request that wakes it: the browser is
/// done with stopping, and no page has missed its worker yet.
const STOPPED: Duration = Duration::from_millis(100);

/// How long a worker may need until its requests are allowed again, in
/// milliseconds.
const RECOVERY: u32 = 20_000;

/// Finds the document that makes the requests: MLflow's frame, or the page.
const INSIDE: &str =
    "const inside = document.querySelector('#mlflow')?.contentDocument ?? document; ";

const ASK: &str = "const [asked, done] = arguments; const { dataset } = inside.documentElement; \
     inside.addEventListener('told', () => done(dataset.told), { once: true }); \
     dataset.asked = asked; inside.dispatchEvent(new Event('measure'));";

/// What the peer's page says when a user is signed in.
const PEER_USER: &str = "return document.documentElement.dataset.user ?? '';";

const MEASURES: &str = "return inside.documentElement.dataset.measures ?? '';";

/// A browser in use.
#[derive(Debug)]
pub(crate) struct Guest<'a> {
    candidate: Candidate,
    deployment: &'a Deployment,
    engine: Engine,
    browser: Browser,
    _downloads: TempDir,
}

/// Requests to be made: so many groups, one after another, of so many at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requests {
    pub(crate) groups: usize,
    pub(crate) width: usize,
}

/// How requests were answered.
#[derive(Debug)]
pub(crate) struct Told {
    /// From each call to the last byte of its answer, in milliseconds.
    pub(crate) latencies: Vec<f64>,
    /// How many were answered with which status.
    pub(crate) statuses: BTreeMap<String, u64>,
    /// From the first call to an answer that was no refusal, if it was awaited
    /// and came.
    pub(crate) allowed: Option<f64>,
}

impl<'a> Guest<'a> {
    /// Starts a browser and signs in; `None` if it is not installed.
    pub(crate) async fn arrive(
        engine: Engine,
        candidate: Candidate,
        deployment: &'a Deployment,
    ) -> Result<Option<Self>> {
        let downloads = tempfile::tempdir()?;
        let Some(browser) = Browser::start(engine, downloads.path()).await? else {
            return Ok(None);
        };
        let guest = Self {
            candidate,
            deployment,
            engine,
            browser,
            _downloads: downloads,
        };
        guest.browser.driver.set_script_timeout(PATIENCE).await?;
        if engine == Engine::Firefox {
            firefox::sharpen_clock(&guest.browser.driver).await?;
        }
        guest.enter().await?;
        Ok(Some(guest))
    }

    /// Opens the page, signs in, and waits until requests can be made.
    async fn enter(&self) -> Result<()> {
        let driver = &self.browser.driver;
        driver.goto(self.deployment.origin(self.candidate)).await?;
        match self.candidate {
            Candidate::Page => {}
            Candidate::Shell => sign_in::to_shell(driver).await?,
            Candidate::Peer => {
                sign_in::at_provider(driver).await?;
                self.see("the peer's user", PEER_USER).await?;
            }
        }
        self.see("the document that measures", &format!("{INSIDE}{MEASURES}"))
            .await
    }

    async fn see(&self, what: &str, script: &str) -> Result<()> {
        wait::until(what, async || {
            let answer = self.browser.driver.execute(script, vec![]).await?;
            Ok(answer
                .json()
                .as_str()
                .filter(|text| !text.is_empty())
                .map(drop))
        })
        .await
    }

    /// Makes requests, all of which are to be allowed.
    pub(crate) async fn ask(&self, requests: Requests) -> Result<Told> {
        let told = self.measure(requests, 0).await?;
        let all = (requests.groups * requests.width) as u64;
        let well = BTreeMap::from([("200".to_owned(), all)]);
        ensure!(told.statuses == well, "{:?}", told.statuses);
        Ok(told)
    }

    /// Makes one request, and asks again until it is allowed.
    pub(crate) async fn insist(&self) -> Result<Told> {
        self.measure(Requests::ONE, RECOVERY).await
    }

    async fn measure(&self, requests: Requests, patience: u32) -> Result<Told> {
        let bearer = format!("Bearer {}", self.deployment.token());
        let headers = match self.candidate {
            Candidate::Page => json!({ "authorization": bearer }),
            Candidate::Shell | Candidate::Peer => json!({}),
        };
        let asked = json!({
            "url": QUESTION,
            "headers": headers,
            "count": requests.groups,
            "width": requests.width,
            "patience": patience,
        });
        let script = format!("{INSIDE}{ASK}");
        let arguments = vec![asked.to_string().into()];
        let answer = self
            .browser
            .driver
            .execute_async(&script, arguments)
            .await?;
        let told = answer.json().as_str().context("nothing was told")?;
        let told: Value = serde_json::from_str(told)?;
        let controlled = self.candidate != Candidate::Page;
        ensure!(told["controlled"] == controlled, "the wrong worker: {told}");
        read(&told).with_context(|| format!("the document told {told}"))
    }

    /// Stops the worker.
    pub(crate) async fn stop_worker(&self) -> Result<()> {
        match self.engine {
            Engine::Chromium => {
                self.browser.kill_worker().await?;
            }
            Engine::Firefox => firefox::stop_workers(&self.browser.driver).await?,
            Engine::WebKit => bail!("{} stops no worker on demand", self.engine),
        }
        tokio::time::sleep(STOPPED).await;
        Ok(())
    }

    /// Leaves everything and signs in anew.
    pub(crate) async fn start_over(&self) -> Result<()> {
        self.browser.driver.delete_all_cookies().await?;
        self.browser.driver.goto("about:blank").await?;
        self.enter().await
    }

    /// Closes the browser.
    pub(crate) async fn leave(self) -> Result<()> {
        Ok(self.browser.driver.clone().quit().await?)
    }
}

impl Requests {
    /// A single one.
    pub(crate) const ONE: Self = Self::in_turn(1);

    /// One after another.
    pub(crate) const fn in_turn(count: usize) -> Self {
        let (groups, width) = (count, 1);
        Self { groups, width }
    }
}

fn read(told: &Value) -> Option<Told> {
    let latencies = told["latencies"].as_array()?.iter();
    let statuses = told["statuses"].as_object()?.iter();
    Some(Told {
        latencies: latencies.map(Value::as_f64).collect::<Option<_>>()?,
        statuses: statuses
            .map(|(status, count)| Some((status.clone(), count.as_u64()?)))
            .collect::<Option<_>>()?,
        allowed: told["allowed"].as_f64(),
    })
}
