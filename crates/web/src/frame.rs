//! The MLflow document in its frame, which is same-origin with the page.

use web_sys::{HtmlIFrameElement, Window};

/// The route and the title the frame shows; `None` while it shows something
/// that is not ours to look at, or nothing.
pub fn shown(frame: &HtmlIFrameElement) -> Option<(String, String)> {
    let window = inside(frame)?;
    let title = window.document()?.title();
    Some((window.location().hash().ok()?, title))
}

/// Takes the frame to `route` without a history entry of its own: the page's
/// address, which asked for it, has one already.
pub fn go(frame: &HtmlIFrameElement, route: &str) {
    let target = if route.is_empty() { "#/" } else { route };
    if let Some(window) = inside(frame) {
        let _ = window.location().replace(target);
    }
}

/// The frame's window, if it has loaded a document of MLflow's.
fn inside(frame: &HtmlIFrameElement) -> Option<Window> {
    let window = frame.content_window()?;
    let path = window.location().pathname().ok()?;
    path.starts_with("/mlflow/").then_some(window)
}
