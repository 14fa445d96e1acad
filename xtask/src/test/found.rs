//! What is there to test with.

use std::{ffi::OsString, path::PathBuf};

use super::Untested;
use crate::{browsers, failure::Result};

/// What the tests are told of this machine, and what it lacks.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) variables: Vec<(&'static str, OsString)>,
    pub(super) untested: Untested,
}

impl Found {
    /// Looks for Chromium.
    pub(super) fn chromium(&mut self) -> Result<()> {
        let chromium = browsers::chromium()?.map(|browser| {
            vec![
                ("SHELL_TEST_CHROMIUM", browser.program),
                ("SHELL_TEST_CHROMEDRIVER", browser.driver),
            ]
        });
        self.take(chromium, "Chromium, which is not installed with its driver");
        Ok(())
    }

    /// Looks for all browsers.
    pub(super) fn browsers(&mut self) -> Result<()> {
        self.chromium()?;
        let firefox = browsers::firefox()?.map(|browser| {
            vec![
                ("SHELL_TEST_FIREFOX", browser.program),
                ("SHELL_TEST_GECKODRIVER", browser.driver),
            ]
        });
        self.take(firefox, "Firefox, which is not installed");
        let webkit = browsers::webkit()?.map(|webkit| {
            vec![
                ("SHELL_TEST_WEBKIT", webkit.browser.program),
                ("SHELL_TEST_WEBKITDRIVER", webkit.browser.driver),
                ("SHELL_TEST_XVFB", webkit.xvfb),
            ]
        });
        self.take(
            webkit,
            "WebKitGTK, which is not installed with its driver and Xvfb",
        );
        Ok(())
    }

    /// Takes what was found, or notes the gap.
    pub(super) fn take(&mut self, variables: Option<Vec<(&'static str, PathBuf)>>, gap: &str) {
        match variables {
            Some(variables) => {
                let texts = variables.into_iter();
                let texts = texts.map(|(name, path)| (name, path.into_os_string()));
                self.variables.extend(texts);
            }
            None => self.untested.push(gap.to_owned()),
        }
    }
}
