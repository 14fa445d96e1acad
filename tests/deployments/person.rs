//! A person with a browser in front of a deployment of programs.

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shell_tests::{
    driver::{Browser, Engine, Tab},
    wait,
};
use tempfile::TempDir;
use thirtyfour::{By, Key};

/// The fields of the provider's two pages.
const USER: &str = "input[name=login]";
const PASSWORD: &str = "input[name=password]";

const ORIGIN: &str = "return location.origin;";

/// How long the provider may take for an answer before it is given again: another one
/// takes the place of the one under way.
const PATIENCE: Duration = Duration::from_secs(10);

/// A browser, and where in its tabs the shell is in a frame.
pub(crate) struct Person {
    pub(crate) browser: Browser,
    frames: RefCell<HashMap<Tab, String>>,
    _downloads: TempDir,
}

impl Person {
    /// Starts Chromium.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn start() -> Result<Self> {
        let downloads = tempfile::tempdir()?;
        let browser = Browser::start(Engine::Chromium, downloads.path()).await?;
        Ok(Self {
            browser: browser.context("Chromium is not installed")?,
            frames: RefCell::default(),
            _downloads: downloads,
        })
    }

    /// Opens a page, which has the shell in the frame that `css` selects.
    pub(crate) async fn open(&self, url: &str, css: Option<&str>) -> Result<()> {
        self.browser.driver.goto(url).await?;
        let tab = self.browser.tab().await?;
        let mut frames = self.frames.borrow_mut();
        match css {
            Some(css) => frames.insert(tab, css.to_owned()),
            None => frames.remove(&tab),
        };
        Ok(())
    }

    async fn enter(&self) -> Result<()> {
        let driver = &self.browser.driver;
        driver.enter_default_frame().await?;
        let tab = self.browser.tab().await?;
        let css = self.frames.borrow().get(&tab).cloned();
        if let Some(css) = css {
            driver.find(By::Css(css)).await?.enter_frame().await?;
        }
        Ok(())
    }

    /// Runs a script in the shell's page.
    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        self.enter().await?;
        let answer = self.browser.driver.execute(script, vec![]).await?;
        Ok(answer.json().clone())
    }

    /// Runs the body of an asynchronous function, and returns what it returns.
    pub(crate) async fn await_script(&self, body: &str) -> Result<Value> {
        self.enter().await?;
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             (async () => {{ {body} }})().then(done, (error) => done(String(error)));"
        );
        let answer = self.browser.driver.execute_async(script, vec![]).await?;
        Ok(answer.json().clone())
    }

    /// Clicks what `css` names as soon as it can be clicked.
    pub(crate) async fn click(&self, css: &str) -> Result<()> {
        wait::until(&format!("{css} to click"), async || {
            self.enter().await?;
            self.browser
                .driver
                .find(By::Css(css))
                .await?
                .click()
                .await?;
            Ok(Some(()))
        })
        .await
    }

    /// Types into what `css` names as soon as it is there.
    pub(crate) async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        wait::until(&format!("{css} to type into"), async || {
            self.enter().await?;
            let field = self.browser.driver.find(By::Css(css)).await?;
            ensure!(field.is_displayed().await?, "it is hidden");
            field.clear().await?;
            field.send_keys(text).await?;
            Ok(Some(()))
        })
        .await
    }

    /// Waits until `text` is in what `css` names.
    pub(crate) async fn read(&self, css: &str, text: &str) -> Result<()> {
        let css = Value::from(css);
        let script = format!(
            "const element = document.querySelector({css}); \
             return element?.checkVisibility() ? element.innerText : '';"
        );
        self.shown(&script, text).await
    }

    /// Waits until MLflow's page in the shell shows `text`.
    pub(crate) async fn see(&self, text: &str) -> Result<()> {
        let script =
            "return document.querySelector('#mlflow')?.contentDocument?.body?.innerText ?? '';";
        self.shown(script, text).await
    }

    async fn shown(&self, script: &str, text: &str) -> Result<()> {
        wait::until(&format!("`{text}`"), async || {
            let shown = self.run(script).await?;
            let shown = shown.as_str().unwrap_or_default();
            ensure!(shown.contains(text), "shown is: {shown}");
            Ok(Some(()))
        })
        .await
    }

    /// Answers the provider's two pages until it leads back. Its pages are replaced
    /// while they are filled in, so an answer may have to be given again.
    pub(crate) async fn fill_in(&self, user: &str, password: &str) -> Result<()> {
        wait::until("the provider's form", async || {
            Ok(self.shows(USER).await?.then_some(()))
        })
        .await?;
        let provider = self.run(ORIGIN).await?;
        let given = RefCell::new(HashMap::new());
        wait::until("the provider to lead back", async || {
            if self.run(ORIGIN).await? != provider {
                return Ok(Some(()));
            }
            for (css, text) in [(USER, user), (PASSWORD, password)] {
                let last = given.borrow().get(css).copied();
                let is_due = last.is_none_or(|last: Instant| last.elapsed() > PATIENCE);
                if is_due && self.shows(css).await? {
                    given.borrow_mut().insert(css, Instant::now());
                    self.submit(css, text).await?;
                }
            }
            Ok(None)
        })
        .await
    }

    async fn shows(&self, css: &str) -> Result<bool> {
        let css = Value::from(css);
        let script = format!("return document.querySelector({css})?.checkVisibility() ?? false;");
        Ok(self.run(&script).await? == true)
    }

    async fn submit(&self, css: &str, text: &str) -> Result<()> {
        let driver = &self.browser.driver;
        let field = driver.find(By::Css(css)).await?;
        field.clear().await?;
        // The page checks a field that is left, and then replaces the button.
        Ok(field.send_keys(text + Key::Enter).await?)
    }

    /// Signs in from the sign-in page, and waits for the bar.
    pub(crate) async fn sign_in(&self, user: &str, password: &str) -> Result<()> {
        self.click("#sign-in").await?;
        self.fill_in(user, password).await?;
        self.read("#user", user).await
    }
}
