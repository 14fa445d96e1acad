//! The browsers the tests run in, and their drivers.

use std::path::PathBuf;

use crate::{
    failure::Result,
    programs,
    tools::{self, GECKODRIVER},
};

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
const FIREFOX: &[&str] = &["firefox-esr", "firefox"];

/// A browser and the program that drives it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser itself.
    pub(crate) program: PathBuf,
    /// Its `WebDriver` server.
    pub(crate) driver: PathBuf,
}

/// Returns Chromium, after installing it where that is possible.
pub(crate) fn chromium() -> Result<Option<Browser>> {
    if find_chromium().is_none() {
        programs::install_debian_packages(&["chromium", "chromium-driver"])?;
    }
    Ok(find_chromium())
}

/// Returns Firefox, after installing it where that is possible.
pub(crate) fn firefox() -> Result<Option<Browser>> {
    if programs::find(FIREFOX).is_none() {
        programs::install_debian_packages(&["firefox-esr"])?;
    }
    let Some(program) = programs::find(FIREFOX) else {
        return Ok(None);
    };
    let driver = tools::ensure(&GECKODRIVER)?;
    Ok(Some(Browser { program, driver }))
}

fn find_chromium() -> Option<Browser> {
    Some(Browser {
        program: programs::find(CHROMIUM)?,
        driver: programs::find(&["chromedriver"])?,
    })
}
