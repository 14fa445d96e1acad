//! More than one window.

use anyhow::{Context, Result, ensure};
use thirtyfour::WindowHandle;

use super::{Browser, Engine};
use crate::wait;

/// A tab or a window, open or closed.
pub type Tab = WindowHandle;

impl Browser {
    /// Returns the tab that everything else is done in.
    pub async fn tab(&self) -> Result<Tab> {
        Ok(self.driver.window().await?)
    }

    /// Returns all tabs that are open.
    pub async fn tabs(&self) -> Result<Vec<Tab>> {
        Ok(self.driver.windows().await?)
    }

    /// Opens an empty tab, and goes there. In `WebKit` it is a window: what is in
    /// a tab behind another counts as hidden there, whichever tab is in front.
    pub async fn open_tab(&self) -> Result<Tab> {
        let tab = match self.engine {
            Engine::WebKit => self.driver.new_window().await?,
            Engine::Chromium | Engine::Firefox => self.driver.new_tab().await?,
        };
        self.switch_to(&tab).await?;
        Ok(tab)
    }

    /// Goes to another tab.
    pub async fn switch_to(&self, tab: &Tab) -> Result<()> {
        Ok(self.driver.switch_to_window(tab.clone()).await?)
    }

    /// Closes this tab, and goes to one that is left.
    ///
    /// # Errors
    /// If there is no other: the browser would end.
    pub async fn close_tab(&self) -> Result<()> {
        let this = self.tab().await?;
        let left = self.tabs().await?.into_iter().find(|tab| *tab != this);
        let left = left.context("it is the last tab")?;
        self.driver.close_window().await?;
        self.switch_to(&left).await
    }

    /// Does something that opens another window, waits for it and goes there.
    pub async fn popup(&self, act: impl AsyncFnOnce() -> Result<()>) -> Result<Tab> {
        let before = self.tabs().await?;
        act().await?;
        let popup = wait::until("another window", async || {
            let tabs = self.tabs().await?;
            Ok(tabs.into_iter().find(|tab| !before.contains(tab)))
        })
        .await?;
        self.switch_to(&popup).await?;
        Ok(popup)
    }

    /// Waits until `tab` is closed, and goes to `next`.
    pub async fn see_closed(&self, tab: &Tab, next: &Tab) -> Result<()> {
        ensure!(tab != next, "nobody goes to a closed window");
        wait::until("the window to close", async || {
            Ok((!self.tabs().await?.contains(tab)).then_some(()))
        })
        .await?;
        self.switch_to(next).await
    }
}
