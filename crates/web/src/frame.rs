//! The MLflow document in its frame, which is same-origin with the page.
//!
//! `base` is where the document of the server in the frame is: `/mlflow/`, or
//! `/mlflow/@dev/` for the one called `dev`.

use wasm_bindgen::JsCast;
use web_sys::{HtmlIFrameElement, Window};

/// The frame element's id.
pub const ID: &str = "mlflow";

/// The route and the title the frame shows; `None` while it shows something
/// that is not below `base`, or nothing.
pub fn shown(base: &str) -> Option<(String, String)> {
    let window = inside(base)?;
    let title = window.document()?.title();
    Some((window.location().hash().ok()?, title))
}

/// Takes the frame, if it is below `base`, to `route` there without a history entry of its own: the page's
/// address, which asked for it, has one already.
pub fn go(base: &str, route: &str) {
    let route = if route.is_empty() { "#/" } else { route };
    if let Some(window) = inside(base) {
        // The whole path: a lone hash would count from the page's own address.
        // Fails only for a window that is going away.
        let _ = window.location().replace(&[base, route].concat());
    }
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
