//! A browser in front of a deployment, and where in its tabs the shell is: the
//! page itself, or a frame in it.
//!
//! Every tab begins with the shell as its page, and so does every popup. What
//! [`open_around`](BrowserSession::open_around) or
//! [`shell_is_in`](BrowserSession::shell_is_in) say holds for the tab they said it
//! in, until the address bar is used there.

use std::{cell::RefCell, collections::HashMap, fs, path::Path, rc::Rc, time::Duration};

use anyhow::Result;
use serde_json::Value;
use tempfile::TempDir;
use thirtyfour::By;
use tokio::time::timeout;

use crate::{
    deployment::Deployment,
    driver::{Browser, Engine, Tab},
    environment,
};

/// How long a picture of a page may take.
const DRAWING: Duration = Duration::from_secs(10);

/// How many of the last requests are shown after a failure.
const TAIL: usize = 40;

/// A browser in front of a deployment.
#[derive(Debug)]
pub struct BrowserSession {
    /// The scenario.
    pub name: String,
    /// The browser's engine.
    pub engine: Engine,
    /// The browser.
    pub browser: Browser,
    /// The deployment.
    pub deployment: Rc<Deployment>,
    /// Where in its record the scenario begins.
    pub begin: usize,
    /// Where the browser saves files.
    pub downloads: TempDir,
    /// The tabs in which the shell is in a frame, and what selects it there.
    pub(crate) frames: RefCell<HashMap<Tab, String>>,
}

impl BrowserSession {
    /// Opens `page`, which has the shell in the frame that `css` selects.
    pub async fn open_around(&self, page: &str, css: &str) -> Result<()> {
        self.browser.driver.goto(page).await?;
        self.shell_is_in(Some(css)).await
    }

    /// Says where in this tab the shell is: in the frame that a CSS selector
    /// names, or nowhere but at its top.
    pub async fn shell_is_in(&self, css: Option<&str>) -> Result<()> {
        let tab = self.browser.tab().await?;
        let mut frames = self.frames.borrow_mut();
        match css {
            Some(css) => frames.insert(tab, css.to_owned()),
            None => frames.remove(&tab),
        };
        Ok(())
    }

    /// Makes the shell's document the one that the driver looks at, as all
    /// that a person does begins with.
    pub async fn enter_shell(&self) -> Result<()> {
        let driver = &self.browser.driver;
        driver.enter_default_frame().await?;
        if let Some(css) = self.frame().await? {
            driver.find(By::Css(css)).await?.enter_frame().await?;
        }
        Ok(())
    }

    /// Runs a script in the tab's own page, which may be around the shell.
    pub async fn run_outside(&self, script: &str) -> Result<Value> {
        let driver = &self.browser.driver;
        driver.enter_default_frame().await?;
        Ok(driver.execute(script, vec![]).await?.json().clone())
    }

    /// Returns whether the shell is in a frame of this tab.
    pub async fn is_framed(&self) -> Result<bool> {
        Ok(self.frame().await?.is_some())
    }

    /// Returns what selects the frame in this tab that the shell is in.
    async fn frame(&self) -> Result<Option<String>> {
        if self.frames.borrow().is_empty() {
            return Ok(None);
        }
        let tab = self.browser.tab().await?;
        Ok(self.frames.borrow().get(&tab).cloned())
    }

    /// Saves what the browser shows, and prints what was asked last.
    #[expect(clippy::print_stderr, reason = "explains the failure")]
    pub(crate) async fn keep_evidence(&self) {
        let folder = environment::failures();
        let file = folder.join(format!("{}-{}", self.name, self.engine));
        let records = self.deployment.record.since(self.begin);
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

    async fn save(&self, file: &Path) -> Result<()> {
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
