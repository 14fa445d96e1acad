//! The tab that the page is in.

use leptos::prelude::Callable;
use shell_core::{
    UserError,
    config::CALLBACK,
    page::{Address, Msg},
};
use shell_web::{page, spawn_local, storage::Storage, time};

use super::Dispatch;

/// Query and route of the page that a sign-in leaves, and returns to.
const LEFT: &str = "mlflow-auth-shell:left";

/// Set from a sign-out that left a refresh token valid until the page is back.
const TOKEN_LEFT: &str = "mlflow-auth-shell:token-left";

/// Set while the page is loaded once more, to get under the worker's control or
/// to be of the worker's build.
const RELOADED: &str = "mlflow-auth-shell:reloaded";

/// How long a toast is shown, in milliseconds.
const TOAST: u32 = 8_000;

/// Notes where the user is, for when the hosted login returns.
pub(super) fn remember_address(address: &str) {
    Storage::Session.set(LEFT, address);
}

/// Where the user was, if `address` is where the hosted login returns. Used once.
pub(super) fn take_left_address(address: &Address) -> String {
    if address.path != CALLBACK {
        return String::new();
    }
    let left = Storage::Session.get(LEFT).unwrap_or_default();
    Storage::Session.remove(LEFT);
    left
}

/// Notes that the provider took no refresh token back.
pub(super) fn remember_token_left() {
    Storage::Session.set(TOKEN_LEFT, "yes");
}

/// Whether that was noted. Said once.
pub(super) fn take_token_left() -> bool {
    let is_left = Storage::Session.get(TOKEN_LEFT).is_some();
    Storage::Session.remove(TOKEN_LEFT);
    is_left
}

/// Loads the page again, unless it just was: never a loop.
pub(super) fn reload_once(otherwise: UserError, dispatch: Dispatch) {
    if !was_reloaded() && Storage::Session.set(RELOADED, "yes") {
        page::reload();
    } else {
        dispatch.run(Msg::Failed(otherwise));
    }
}

/// Whether the page was just loaded once more.
pub(super) fn was_reloaded() -> bool {
    Storage::Session.get(RELOADED).is_some()
}

/// The page may be loaded once more from now on.
pub(super) fn forget_reload() {
    Storage::Session.remove(RELOADED);
}

/// Forgets everything that was noted for this tab.
pub(super) fn forget() {
    Storage::Session.clear();
}

/// Ends the toast of this number after a while.
pub(super) fn end_toast(number: u32, dispatch: Dispatch) {
    spawn_local(async move {
        time::sleep(TOAST).await;
        dispatch.run(Msg::ToastOver(number));
    });
}
