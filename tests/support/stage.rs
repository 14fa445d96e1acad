//! One scenario, in every engine, with evidence if it fails.

use std::{
    fs,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    driver::{Browser, ENGINES, Engine, Options},
    environment,
    frames::Frames,
    leaks,
    plan::Plan,
    world::World,
};

/// A browser in front of a deployment.
#[derive(Debug)]
pub struct Stage {
    /// The scenario.
    pub name: String,
    /// The engine it is played in.
    pub engine: Engine,
    /// The browser.
    pub browser: Browser,
    /// The deployment.
    pub world: Rc<World>,
    /// Where in its record the scenario begins.
    pub begin: usize,
    /// Where the browser saves files.
    pub downloads: TempDir,
    /// The tabs in which the shell is in a frame.
    pub frames: Frames,
}

/// How long a picture of a page may take.
const DRAWING: Duration = Duration::from_secs(10);

/// How many of the last requests are shown after a failure.
const TAIL: usize = 40;

/// One scenario: what it is played in front of, and where.
#[derive(Debug)]
pub struct Play {
    name: String,
    plan: Plan,
    engines: Vec<Engine>,
    options: Options,
}

/// Plays `scenario` in front of a deployment, in every engine that is
/// installed, and then looks for stray tokens.
///
/// # Panics
/// If it failed in one of them.
pub async fn play(
    name: &'static str,
    plan: impl Into<Plan>,
    scenario: impl AsyncFn(&Stage) -> Result<()>,
) {
    Play::new(name, plan).perform(scenario).await;
}

/// The same, in these engines only.
///
/// # Panics
/// If it failed in one of them.
pub async fn play_on(
    engines: &[Engine],
    name: &'static str,
    plan: impl Into<Plan>,
    scenario: impl AsyncFn(&Stage) -> Result<()>,
) {
    Play::new(name, plan)
        .only_in(engines)
        .perform(scenario)
        .await;
}

impl Play {
    /// A scenario for every engine, as it was just installed.
    pub fn new(name: impl Into<String>, plan: impl Into<Plan>) -> Self {
        Self {
            name: name.into(),
            plan: plan.into(),
            engines: ENGINES.to_vec(),
            options: Options::default(),
        }
    }

    /// Plays it in these engines only.
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

    /// Plays `scenario` in one engine after another, in front of one
    /// deployment, and then looks for stray tokens.
    ///
    /// # Panics
    /// If it failed in one of them.
    pub async fn perform(self, scenario: impl AsyncFn(&Stage) -> Result<()>) {
        let world = Box::pin(World::real(self.plan.clone()));
        let world = world.await.expect("everything starts");
        let world = Rc::new(world);
        let mut failures = Vec::new();
        for engine in &self.engines {
            if let Err(failure) = self.perform_in(*engine, &world, &scenario).await {
                failures.push(format!("{engine}: {failure:?}"));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    }

    #[expect(
        clippy::print_stdout,
        reason = "for whoever wonders where the time goes"
    )]
    async fn perform_in(
        &self,
        engine: Engine,
        world: &Rc<World>,
        scenario: &impl AsyncFn(&Stage) -> Result<()>,
    ) -> Result<()> {
        let downloads = tempfile::tempdir()?;
        let browser = Browser::start_with(engine, downloads.path(), self.options).await;
        let Some(browser) = browser.with_context(|| format!("{engine} does not start"))? else {
            return Ok(());
        };
        let stage = Stage {
            name: self.name.clone(),
            engine,
            browser,
            begin: world.record.mark(),
            world: world.clone(),
            downloads,
            frames: Frames::default(),
        };
        let begun = Instant::now();
        let mut outcome = scenario(&stage).await;
        println!(
            "{} in {engine}: {:.0} s",
            self.name,
            begun.elapsed().as_secs_f64()
        );
        if outcome.is_ok() {
            outcome = leaks::find(&stage.world.record.since(stage.begin)).refuse_any();
        }
        if outcome.is_err() {
            stage.keep_evidence().await;
        }
        // It may be beyond answering; then it ends with its driver.
        let _ = stage.browser.driver.clone().quit().await;
        outcome
    }
}

impl Stage {
    /// Saves what the browser shows, and prints what was asked last.
    #[expect(clippy::print_stderr, reason = "for whoever reads the failure")]
    async fn keep_evidence(&self) {
        let folder = environment::failures();
        let file = folder.join(format!("{}-{}", self.name, self.engine));
        let records = self.world.record.since(self.begin);
        for record in &records[records.len().saturating_sub(TAIL)..] {
            eprintln!("    {record}");
        }
        let layout = "const frame = document.querySelector('#mlflow'); \
             return [innerWidth, innerHeight, document.visibilityState, frame?.clientWidth, \
                 frame?.clientHeight];";
        eprintln!("the window: {:?}", self.run(layout).await);
        match self.save(&file).await {
            Ok(()) => eprintln!("saved {}.png and .html", file.display()),
            Err(error) => eprintln!("not all of it was saved: {error}"),
        }
    }

    async fn save(&self, file: &std::path::Path) -> Result<()> {
        let driver = &self.browser.driver;
        driver.enter_default_frame().await?;
        let mut source = driver.source().await?;
        if self.is_framed().await? && self.enter_shell().await.is_ok() {
            source = format!("{source}\n<!-- the shell -->\n{}", driver.source().await?);
        }
        let frame = self.frame_source().await.unwrap_or_default();
        fs::create_dir_all(environment::failures())?;
        fs::write(
            file.with_extension("html"),
            format!("{source}\n<!-- the frame -->\n{frame}"),
        )?;
        // WebKit may never draw what is shown on no real display.
        let picture = timeout(DRAWING, driver.screenshot_as_png()).await??;
        fs::write(file.with_extension("png"), picture)?;
        Ok(())
    }
}
