//! The MLflow document in its frame, which is same-origin with the page.
//!
//! `base` is where the document of the server in the frame is: `/mlflow/`, or
//! `/mlflow/@dev/` for the one called `dev`.

use js_sys::Reflect;
use shell_core::site::{self, Lead};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlIFrameElement, MouseEvent, Url, Window};

use crate::{page, windows};

/// The frame element's id.
pub const ID: &str = "mlflow";

/// The route and the title the frame shows; `None` while it shows something
/// that is not below `base`, or nothing.
pub fn shown(base: &str) -> Option<(String, String)> {
    let window = inside(base)?;
    let title = window.document()?.title();
    Some((window.location().hash().ok()?, title))
}

/// Takes the frame, if it is below `base`, to `route` there, without a history
/// entry of its own: the page's address, which asked for it, has one already.
pub fn go(base: &str, route: &str) {
    let route = if route.is_empty() { "#/" } else { route };
    if let Some(window) = inside(base) {
        // The whole path: a lone hash would count from the page's own address.
        // Fails only for a window that is going away.
        let _ = window.location().replace(&[base, route].concat());
    }
}

/// Loads the frame's document again.
pub fn reload() {
    if let Some(window) = inside("/mlflow/") {
        let _ = window.location().reload();
    }
}

/// Sends links that would replace the whole window (`target=_top`, of which
/// MLflow 3.18 has eleven) to where [`site::lead`] says. Called for each document
/// that the frame loads.
pub fn keep_links_inside(upstream: Option<String>) {
    let base = site::document(upstream.as_deref());
    let Some(document) = inside(&base).and_then(|window| window.document()) else {
        return;
    };
    let clicked = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if let Some(link) = escaping(&event) {
            event.prevent_default();
            event.stop_propagation();
            follow(&link, &base, upstream.as_deref());
        }
    });
    let clicked = clicked.into_js_value();
    // Before MLflow's own listeners, which would follow the link.
    let _ =
        document.add_event_listener_with_callback_and_bool("click", clicked.unchecked_ref(), true);
}

fn follow(link: &Url, base: &str, upstream: Option<&str>) {
    let parts = [link.origin(), link.pathname(), link.search(), link.hash()];
    let [origin, path, query, hash] = &parts;
    match site::lead(&page::origin(), upstream, [origin, path, query, hash]) {
        Lead::Route(route) => go(base, &route),
        Lead::Page(address) => page::navigate(&address),
        Lead::Away => windows::open_tab(&link.href()),
    }
}

/// The link that was clicked, if it leads out of the frame; not if a person
/// asked for a tab or a window. The elements are of the frame's realm, so no
/// check of their class would hold.
fn escaping(event: &MouseEvent) -> Option<Url> {
    if event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let clicked: Element = event.target()?.unchecked_into();
    let link = clicked.closest("a[target=_top],a[target=_parent]").ok()??;
    let address = Reflect::get(&link, &"href".into()).ok()?.as_string()?;
    Url::new(&address).ok()
}

/// The frame's window, if it has loaded a document below `base`.
fn inside(base: &str) -> Option<Window> {
    let page: Window = js_sys::global().unchecked_into();
    let frame = page.document()?.get_element_by_id(ID)?;
    let window = frame
        .unchecked_into::<HtmlIFrameElement>()
        .content_window()?;
    let path = window.location().pathname().ok()?;
    path.starts_with(base).then_some(window)
}
