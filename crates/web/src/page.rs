//! The page itself: its address, its windows, its timers.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::Window;

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

/// Calls `listener` at every such event of the window, until the page is gone.
pub fn on(event: &str, listener: impl FnMut() + 'static) {
    let happened = Closure::<dyn FnMut()>::new(listener).into_js_value();
    let _ = window().add_event_listener_with_callback(event, happened.unchecked_ref());
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
        let document = window().document()?;
        let body = document.body()?;
        let field = document.create_element("textarea").ok()?;
        Reflect::set(&field, &"value".into(), &text.into()).ok()?;
        body.append_child(&field).ok()?;
        call(&field, "select", &Array::new());
        let done = call(&document, "execCommand", &Array::of1(&"copy".into()));
        field.remove();
        done?.as_bool()
    };
    copied().unwrap_or(false)
}

fn call(object: &JsValue, method: &str, arguments: &Array) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    method.apply(object, arguments).ok()
}

/// Sets an attribute of the root element, for the style sheet.
pub fn set_root_attribute(name: &str, value: &str) {
    let root = window()
        .document()
        .and_then(|document| document.document_element());
    // The name is one of ours, and valid.
    let _ = root.map(|root| root.set_attribute(name, value));
}

/// Whether the page is dark at the moment.
pub fn is_dark() -> bool {
    let dark = || {
        let window = window();
        let root = window.document()?.document_element()?;
        let style = window.get_computed_style(&root).ok()??;
        let scheme = style.get_property_value("color-scheme").ok()?;
        let system = window.match_media("(prefers-color-scheme: dark)").ok()??;
        Some(scheme == "dark" || (scheme != "light" && system.matches()))
    };
    dark().unwrap_or(false)
}

/// Closes the menus that are open.
pub fn close_menus() {
    let menu = || window().document()?.query_selector("details[open]").ok()?;
    if let Some(menu) = menu() {
        let _ = menu.remove_attribute("open");
    }
}

pub(crate) fn window() -> Window {
    JsValue::from(js_sys::global()).unchecked_into()
}
