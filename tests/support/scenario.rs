//! One scenario in the engines that it is about, with evidence if it fails.

use std::{cell::RefCell, rc::Rc, time::Instant};

use anyhow::{Context, Result};

use crate::{
    browser_session::BrowserSession,
    deployment::Deployment,
    deployment_spec::DeploymentSpec,
    driver::{Browser, ENGINES, Engine, Options},
    environment, leaks,
};

/// What is done in a browser in front of a deployment.
///
/// In the ordinary run it is done in one engine: the first that is installed, which
/// is Chromium unless it is said otherwise. `cargo xtask test all` does it in every
/// engine.
#[derive(Debug)]
pub struct Scenario {
    name: String,
    spec: DeploymentSpec,
    engines: Vec<Engine>,
    is_about_engines: bool,
    options: Options,
}

/// Runs `steps` in front of a deployment, and then looks for stray tokens.
///
/// # Panics
/// If they failed.
pub async fn scenario(
    name: &'static str,
    spec: impl Into<DeploymentSpec>,
    steps: impl AsyncFn(&BrowserSession) -> Result<()>,
) {
    Scenario::new(name, spec).run(steps).await;
}

/// The same, in these engines only.
///
/// # Panics
/// If it failed in one of them.
pub async fn scenario_in(
    engines: &[Engine],
    name: &'static str,
    spec: impl Into<DeploymentSpec>,
    steps: impl AsyncFn(&BrowserSession) -> Result<()>,
) {
    Scenario::new(name, spec).only_in(engines).run(steps).await;
}

impl Scenario {
    /// A scenario for browsers as they are installed.
    pub fn new(name: impl Into<String>, spec: impl Into<DeploymentSpec>) -> Self {
        Self {
            name: name.into(),
            spec: spec.into(),
            engines: ENGINES.to_vec(),
            is_about_engines: false,
            options: Options::default(),
        }
    }

    /// Runs it in every engine in the ordinary run as well, because it is about
    /// what only the engine decides: storage, windows, the life of workers,
    /// framing, policies of documents, the keyboard, downloads.
    #[must_use]
    pub fn in_every_engine(mut self) -> Self {
        self.is_about_engines = true;
        self
    }

    /// Runs it in these engines only: the others cannot do what it takes. The first is
    /// that of the ordinary run.
    #[must_use]
    pub fn only_in(mut self, engines: &[Engine]) -> Self {
        self.engines = engines.to_vec();
        self
    }

    /// Starts the browsers with these options.
    #[must_use]
    pub fn with(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Runs `steps` in one engine after another, in front of one deployment,
    /// and then looks for stray tokens.
    ///
    /// # Panics
    /// If they failed in one of them.
    pub async fn run(self, steps: impl AsyncFn(&BrowserSession) -> Result<()>) {
        let deployment = Box::pin(Deployment::real(self.spec.clone()));
        let deployment = Rc::new(deployment.await.expect("everything starts"));
        let mut failures = Vec::new();
        for engine in &self.engines {
            let outcome = self.run_in(*engine, &deployment, &steps).await;
            let was_run = !matches!(outcome, Ok(false));
            if let Err(failure) = outcome {
                failures.push(format!("{engine}: {failure:?}"));
            }
            if was_run && !self.needs_every_engine() {
                break;
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    }

    fn needs_every_engine(&self) -> bool {
        self.is_about_engines || environment::all_engines()
    }

    /// Returns whether the engine is installed.
    #[expect(clippy::print_stdout, reason = "shows where the time goes")]
    async fn run_in(
        &self,
        engine: Engine,
        deployment: &Rc<Deployment>,
        steps: &impl AsyncFn(&BrowserSession) -> Result<()>,
    ) -> Result<bool> {
        let downloads = tempfile::tempdir()?;
        let started = Instant::now();
        let browser = Browser::start_with(engine, downloads.path(), self.options).await;
        let Some(browser) = browser.with_context(|| format!("{engine} does not start"))? else {
            return Ok(false);
        };
        let session = BrowserSession {
            name: self.name.clone(),
            engine,
            browser,
            begin: deployment.record.mark(),
            deployment: deployment.clone(),
            downloads,
            frames: RefCell::default(),
        };
        let begun = Instant::now();
        let mut outcome = steps(&session).await;
        println!(
            "{} in {engine}: {:.1} s, and {:.1} s to start the browser",
            self.name,
            begun.elapsed().as_secs_f64(),
            (begun - started).as_secs_f64()
        );
        if outcome.is_ok() {
            outcome = leaks::find(&deployment.record.since(session.begin)).refuse_any();
        }
        if outcome.is_err() {
            session.keep_evidence().await;
        }
        // It may be beyond answering; then it ends with its driver.
        let _ = session.browser.driver.clone().quit().await;
        outcome.map(|()| true)
    }
}
