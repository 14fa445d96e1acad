//! One scenario, in every engine, with evidence if it fails.

use std::{fs, rc::Rc};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::{
    driver::{Browser, ENGINES, Engine},
    environment, leaks,
    world::{Login, World},
};

/// A browser in front of a deployment.
#[derive(Debug)]
pub struct Stage {
    /// The scenario.
    pub name: &'static str,
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
}

/// Browsers share the machine badly: one scenario at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// How many of the last requests are shown after a failure.
const TAIL: usize = 40;

/// Plays `scenario` in front of a deployment, in every engine that is
/// installed, and then looks for stray tokens.
///
/// # Panics
/// If it failed in one of them.
pub async fn play(name: &'static str, login: Login, scenario: impl AsyncFn(&Stage) -> Result<()>) {
    let _turn = TURN.lock().await;
    let world = World::real(login).await.expect("everything starts");
    let world = Rc::new(world);
    let mut failures = Vec::new();
    for engine in ENGINES {
        if let Err(failure) = play_in(engine, name, &world, &scenario).await {
            failures.push(format!("{engine}: {failure:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

async fn play_in(
    engine: Engine,
    name: &'static str,
    world: &Rc<World>,
    scenario: &impl AsyncFn(&Stage) -> Result<()>,
) -> Result<()> {
    let downloads = tempfile::tempdir()?;
    let browser = Browser::start(engine, downloads.path()).await;
    let Some(browser) = browser.with_context(|| format!("{engine} does not start"))? else {
        return Ok(());
    };
    let stage = Stage {
        name,
        engine,
        browser,
        begin: world.record.mark(),
        world: world.clone(),
        downloads,
    };
    let mut outcome = scenario(&stage).await;
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
        match self.save(&file).await {
            Ok(()) => eprintln!("saved {}.png and .html", file.display()),
            Err(error) => eprintln!("the browser shows nothing: {error}"),
        }
    }

    async fn save(&self, file: &std::path::Path) -> Result<()> {
        let driver = &self.browser.driver;
        driver.enter_default_frame().await?;
        let picture = driver.screenshot_as_png().await?;
        let source = driver.source().await?;
        let frame = self.frame_source().await.unwrap_or_default();
        fs::create_dir_all(environment::failures())?;
        fs::write(file.with_extension("png"), picture)?;
        fs::write(
            file.with_extension("html"),
            format!("{source}\n<!-- the frame -->\n{frame}"),
        )?;
        Ok(())
    }
}
