//! The tab that the page is in.

use leptos::prelude::Callable;
use shell_core::{
    Trouble,
    config::CALLBACK,
    page::{Address, Msg},
};
use shell_web::{notes::Notes, page, spawn_local, wait};

use super::Dispatch;

/// Query and route of the page that a sign-in leaves, and returns to.
const LEFT: &str = "mlflow-auth-shell:left";

/// Set while the page is loaded once more, to get under the worker's control or
/// to be of the worker's build.
const RELOADED: &str = "mlflow-auth-shell:reloaded";

/// How long a toast is shown, in milliseconds.
const TOAST: i32 = 8_000;

/// Notes where the user is, for when the hosted login returns.
pub(super) fn remember_address(address: &str) {
    Notes::OfTab.leave(LEFT, address);
}

/// Where the user was, if `address` is where the hosted login returns. Used once.
pub(super) fn take_left_address(address: &Address) -> String {
    if address.path != CALLBACK {
        return String::new();
    }
    let left = Notes::OfTab.read(LEFT).unwrap_or_default();
    Notes::OfTab.remove(LEFT);
    left
}

/// Loads the page again, unless it just was: never a loop.
pub(super) fn reload_once(otherwise: Trouble, dispatch: Dispatch) {
    if !was_reloaded() && Notes::OfTab.leave(RELOADED, "yes") {
        page::reload();
    } else {
        dispatch.run(Msg::Failed(otherwise));
    }
}

/// Whether the page was just loaded once more.
pub(super) fn was_reloaded() -> bool {
    Notes::OfTab.read(RELOADED).is_some()
}

/// The page may be loaded once more from now on.
pub(super) fn forget_reload() {
    Notes::OfTab.remove(RELOADED);
}

/// Forgets everything that was noted for this tab.
pub(super) fn forget() {
    Notes::OfTab.clear();
}

/// Ends the toast of this number after a while.
pub(super) fn end_toast(number: u32, dispatch: Dispatch) {
    spawn_local(async move {
        wait::pause(TOAST).await;
        dispatch.run(Msg::ToastOver(number));
    });
}
