//! Opening a browser.

use std::{
    env,
    process::{Command, Stdio},
};

/// What names a browser, by the custom of Unix.
const BROWSER: &str = "BROWSER";

/// Whether this machine may have a browser to show: what it takes for one is there.
pub(crate) fn may_be_shown() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY", BROWSER]
            .into_iter()
            .any(is_set)
}

/// Opens a URL; `false` if there is nothing that could.
pub(crate) fn open(url: &str) -> bool {
    match env::var(BROWSER).ok().filter(|browser| !browser.is_empty()) {
        Some(browser) => Command::new(browser)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .is_ok(),
        None => open::that_detached(url).is_ok(),
    }
}
