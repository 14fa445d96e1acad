//! The browsers the tests run in, and their drivers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    failure::Result,
    programs,
    tools::{self, GECKODRIVER},
};

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
const FIREFOX: &[&str] = &["firefox-esr", "firefox"];

/// Where distributions put programs of a library, Debian below its name for
/// the machine.
const LIBRARIES: &[&str] = &["/usr/lib", "/usr/libexec", "/usr/lib64"];

/// The library's versions, newest first.
const WEBKIT: &[&str] = &["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];

/// A browser and the program that drives it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser itself.
    pub(crate) program: PathBuf,
    /// Its `WebDriver` server.
    pub(crate) driver: PathBuf,
}

/// WebKitGTK's own small browser, which is shown on a display that is none.
#[derive(Debug)]
pub(crate) struct WebKit {
    /// The browser and its driver.
    pub(crate) browser: Browser,
    /// The display.
    pub(crate) xvfb: PathBuf,
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

/// Returns WebKitGTK, after installing it where that is possible.
pub(crate) fn webkit() -> Result<Option<WebKit>> {
    if find_webkit().is_none() {
        programs::install_debian_packages(&["webkit2gtk-driver", "xvfb"])?;
    }
    Ok(find_webkit())
}

fn find_webkit() -> Option<WebKit> {
    let browser = Browser {
        program: find_mini_browser(LIBRARIES.iter().map(Path::new))?,
        driver: programs::find(&["WebKitWebDriver"])?,
    };
    let xvfb = programs::find(&["Xvfb"])?;
    Some(WebKit { browser, xvfb })
}

/// Returns the browser from one of `libraries`, or from a folder of theirs.
fn find_mini_browser<'a>(libraries: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    libraries
        .flat_map(|folder| [vec![folder.to_owned()], folders_in(folder)].concat())
        .flat_map(|folder| WEBKIT.iter().map(move |name| folder.join(name)))
        .map(|library| library.join("MiniBrowser"))
        .find(|program| program.is_file())
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.is_dir()).collect()
}

fn find_chromium() -> Option<Browser> {
    Some(Browser {
        program: programs::find(CHROMIUM)?,
        driver: programs::find(&["chromedriver"])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_browser_is_found_where_distributions_put_it() {
        let root = tempfile::tempdir().unwrap();
        let empty = root.path().join("empty");
        let table = [
            ("debian", "x86_64-linux-gnu/webkit2gtk-4.1"),
            ("fedora", "webkitgtk-6.0"),
        ];
        for (name, below) in table {
            let libraries = root.path().join(name);
            let folder = libraries.join(below);
            fs::create_dir_all(&folder).unwrap();
            let find = || find_mini_browser([empty.as_path(), &libraries].into_iter());
            assert_eq!(find(), None, "{name}");

            let program = folder.join("MiniBrowser");
            fs::write(&program, "").unwrap();
            assert_eq!(find(), Some(program), "{name}");
        }
    }
}
