//! The page itself: its address, its windows, its timers.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Storage, Window};

/// The page's address, in the parts that matter here.
#[derive(Debug)]
pub struct Address {
    /// Path.
    pub path: String,
    /// Query, with its `?`.
    pub query: String,
    /// Fragment, with its `#`.
    pub hash: String,
}

/// Reads the address; empty parts where the browser gives none.
pub fn address() -> Address {
    let location = window().location();
    Address {
        path: location.pathname().unwrap_or_default(),
        query: location.search().unwrap_or_default(),
        hash: location.hash().unwrap_or_default(),
    }
}

/// Shows `address` without loading it and without a new history entry.
pub fn show_address(address: &str) {
    let shown = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
    // Refused only for a foreign origin, which a path cannot name.
    let _ = shown;
}

/// Leaves for `url`.
pub fn navigate(url: &str) {
    let _ = window().location().assign(url);
}

/// A window that a click opened.
#[derive(Debug)]
pub struct Popup(Window);

/// Opens an empty window; `None` if the browser does not allow it. Allowed only
/// while a click is being handled.
pub fn open_popup() -> Option<Popup> {
    let features = "popup,width=480,height=720";
    let opened = window().open_with_url_and_target_and_features("about:blank", "_blank", features);
    opened.ok().flatten().map(Popup)
}

impl Popup {
    /// Takes the window to `url`.
    pub fn navigate(&self, url: &str) {
        let _ = self.0.location().set_href(url);
    }

    /// Closes the window.
    pub fn close(&self) {
        let _ = self.0.close();
    }
}

/// Closes this window; does nothing unless a script opened it.
pub fn close() {
    let _ = window().close();
}

/// Loads the page again.
pub fn reload() {
    let _ = window().location().reload();
}

/// Sets the title of the tab.
pub fn show_title(title: &str) {
    if let Some(document) = window().document() {
        document.set_title(title);
    }
}

/// Whether the browser grants this page what it keeps for secure contexts.
pub fn is_secure() -> bool {
    window().is_secure_context()
}

/// Calls `listener` every `period` milliseconds until the page is gone.
pub fn every(period: i32, listener: impl FnMut() + 'static) {
    let ticked = Closure::<dyn FnMut()>::new(listener).into_js_value();
    // Fails only for want of a window.
    let _ = window()
        .set_interval_with_callback_and_timeout_and_arguments_0(ticked.unchecked_ref(), period);
}

/// A note that lasts as long as the tab. Says nothing secret.
#[derive(Debug, Clone, Copy)]
pub struct Mark(pub &'static str);

impl Mark {
    /// Whether the note is there.
    pub fn is_set(self) -> bool {
        let found = session_storage().and_then(|storage| storage.get_item(self.0).ok());
        found.flatten().is_some()
    }

    /// Leaves the note; false if the browser keeps nothing.
    pub fn set(self) -> bool {
        session_storage().is_some_and(|storage| storage.set_item(self.0, "1").is_ok())
    }

    /// Removes the note.
    pub fn clear(self) {
        let _ = session_storage().map(|storage| storage.remove_item(self.0));
    }
}

/// Removes every note.
pub fn clear_marks() {
    let _ = session_storage().map(|storage| storage.clear());
}

fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn window() -> Window {
    JsValue::from(js_sys::global()).unchecked_into()
}
