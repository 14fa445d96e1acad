//! The page itself: its address, its windows, its timers.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, Window};

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

/// Closes the menu that is open; the keyboard goes back to what opened it.
pub fn close_menus() {
    let close = || {
        let document = window().document()?;
        let menu = document.query_selector("details[open]").ok()??;
        let held = document.active_element();
        let held = held.is_some_and(|element| menu.contains(Some(&element)));
        menu.remove_attribute("open").ok()?;
        let summary = menu.first_element_child().filter(|_| held)?;
        summary.unchecked_ref::<HtmlElement>().focus().ok()
    };
    close();
}

/// Closes the menu at a click beside it, and when the frame takes the keyboard,
/// which is all that a page notices of a click into it.
pub fn attend_menus() {
    on("blur", close_menus);
    listen("click", |event| {
        let target = event.target().map(JsCast::unchecked_into::<Element>);
        let menu = target.and_then(|target| target.closest("details").ok()?);
        if menu.is_none() {
            close_menus();
        }
    });
}

/// Calls `listener` whenever Escape is pressed on this page.
pub fn on_escape(listener: impl Fn() + 'static) {
    listen("keydown", move |event| {
        let key = Reflect::get(&event, &"key".into());
        if key.is_ok_and(|key| key == "Escape") {
            listener();
        }
    });
}

fn listen(kind: &str, listener: impl FnMut(Event) + 'static) {
    let happened = Closure::<dyn FnMut(Event)>::new(listener).into_js_value();
    let _ = window().add_event_listener_with_callback(kind, happened.unchecked_ref());
}

pub(crate) fn window() -> Window {
    JsValue::from(js_sys::global()).unchecked_into()
}
