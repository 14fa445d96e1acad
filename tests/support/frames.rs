//! Where in a tab the shell is: the page itself, or a frame in it.
//!
//! Every tab begins with the shell as its page, and so does every popup. What
//! [`open_around`](Stage::open_around) or [`shell_is_in`](Stage::shell_is_in)
//! say holds for the tab they said it in, until the address bar is used there.

use std::{cell::RefCell, collections::HashMap};

use anyhow::Result;
use serde_json::Value;
use thirtyfour::By;

use crate::{driver::Tab, stage::Stage};

/// The tabs in which the shell is in a frame, and what selects it there.
#[derive(Debug, Default)]
pub struct Frames(RefCell<HashMap<Tab, String>>);

impl Stage {
    /// Opens `page`, which has the shell in the frame that `css` selects.
    pub async fn open_around(&self, page: &str, css: &str) -> Result<()> {
        self.browser.driver.goto(page).await?;
        self.shell_is_in(Some(css)).await
    }

    /// Says where in this tab the shell is: in the frame that a CSS selector
    /// names, or nowhere but at its top.
    pub async fn shell_is_in(&self, css: Option<&str>) -> Result<()> {
        let tab = self.browser.tab().await?;
        let mut frames = self.frames.0.borrow_mut();
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
        if self.frames.0.borrow().is_empty() {
            return Ok(None);
        }
        let tab = self.browser.tab().await?;
        Ok(self.frames.0.borrow().get(&tab).cloned())
    }
}
