//! The page itself: its address, its windows, its timers.

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use gloo_utils::{body, document, document_element, window};
use shell_core::page::Address;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// Reads the address; empty parts where the browser gives none.
pub fn address() -> Address {
    let location = window().location();
    Address {
        path: location.pathname().unwrap_or_default(),
        query: location.search().unwrap_or_default(),
        hash: location.hash().unwrap_or_default(),
    }
}

/// The page's origin.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The page's own address, whole.
pub fn own_address() -> String {
    window().location().href().unwrap_or_default()
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
    document().set_title(title);
}

/// The element called `id`.
pub fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Removes the element called `id`, if it is there.
pub fn remove(id: &str) {
    if let Some(element) = element(id) {
        element.remove();
    }
}

/// Whether the browser grants this page what it keeps for secure contexts.
pub fn is_secure() -> bool {
    window().is_secure_context()
}

/// Calls `listener` every `period` milliseconds until the page is gone.
pub fn every(period: u32, listener: impl FnMut() + 'static) {
    Interval::new(period, listener).forget();
}

/// Calls `listener` at every such event of the window, until the page is gone.
pub fn on(event: &'static str, mut listener: impl FnMut() + 'static) {
    EventListener::new(&window(), event, move |_| listener()).forget();
}

/// Whether the page is shown inside another one.
pub fn is_framed() -> bool {
    let window = window();
    let top = window.top().ok().flatten();
    top.is_none_or(|top| top != window)
}

/// Puts `text` into the clipboard; false if the browser does not allow it.
/// Allowed only while a click is being handled.
///
/// By the old command: the newer interface is closed to frames whose embedder
/// does not open it to them.
pub fn copy(text: &str) -> bool {
    let copied = || {
        let document: HtmlDocument = document().dyn_into().ok()?;
        let field = document.create_element("textarea").ok()?;
        let field: HtmlTextAreaElement = field.dyn_into().ok()?;
        field.set_value(text);
        body().append_child(&field).ok()?;
        field.select();
        let is_copied = document.exec_command("copy").ok();
        field.remove();
        is_copied
    };
    copied().unwrap_or(false)
}

/// Sets an attribute of the root element, for the style sheet.
pub fn set_root_attribute(name: &str, value: &str) {
    // The name is one of ours, and valid.
    let _ = document_element().set_attribute(name, value);
}

/// Whether the page is dark at the moment.
pub fn is_dark() -> bool {
    let dark = || {
        let style = window().get_computed_style(&document_element()).ok()??;
        let scheme = style.get_property_value("color-scheme").ok()?;
        let system = window().match_media("(prefers-color-scheme: dark)");
        let is_system_dark = system.ok()??.matches();
        Some(scheme == "dark" || (scheme != "light" && is_system_dark))
    };
    dark().unwrap_or(false)
}
