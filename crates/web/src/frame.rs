//! The MLflow document in its frame, which is same-origin with the page.
//!
//! `base` is where the document of the server in the frame is: `/mlflow/`, or
//! `/mlflow/@dev/` for the one called `dev`.

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use js_sys::Reflect;
use shell_core::{
    artifact_page::References,
    server_name,
    site::{self, Lead},
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, Document, DomParser, Element, Event, HtmlIFrameElement, MouseEvent, Node, Response,
    SupportedType, Url, Window,
};

use crate::{page, windows};

/// The frame element's id.
const ID: &str = "mlflow";

/// The id of the element that the frame is in.
const AREA: &str = "frame";

/// Shows or hides the frame.
pub fn show(is_shown: bool) {
    mark_area("hidden", !is_shown);
}

/// Makes the frame one that cannot be used, or can.
pub fn set_inert(is_inert: bool) {
    mark_area("inert", is_inert);
}

fn mark_area(name: &str, is_marked: bool) {
    if let Some(area) = page::element(AREA) {
        let _ = area.toggle_attribute_with_force(name, is_marked);
    }
}

/// Loads `address` into the frame, unless that is what was loaded into it, and
/// calls `on_load` for each document that is there from then on.
pub fn load(address: &str, mut on_load: impl FnMut() + 'static) {
    let Some(mut frame) = element() else {
        return;
    };
    let is_there = frame.get_attribute("src").as_deref() == Some(address);
    if is_there && has_loaded(&frame) {
        on_load();
    } else if !is_there {
        frame = empty(frame);
    }
    EventListener::new(&frame, "load", move |_| on_load()).forget();
    if !is_there {
        frame.set_src(address);
    }
}

/// Removes what is in the frame, and its history.
pub fn clear() {
    if let Some(frame) = element() {
        empty(frame);
    }
}

/// The frame without anything in it: another element, unless it was never used.
fn empty(used: HtmlIFrameElement) -> HtmlIFrameElement {
    let Some(Ok(clone)) = used.has_attribute("src").then(|| used.clone_node()) else {
        return used;
    };
    let frame: HtmlIFrameElement = clone.unchecked_into();
    let _ = frame.remove_attribute("src");
    let _ = used.replace_with_with_node_1(&frame);
    frame
}

/// Whether the frame's first document is complete. One that this page cannot look
/// into has replaced the empty one.
fn has_loaded(frame: &HtmlIFrameElement) -> bool {
    let document = frame.content_document();
    document.is_none_or(|document| {
        document.ready_state() == "complete" && document.url().is_ok_and(|url| url != "about:blank")
    })
}

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

/// Whether the frame shows what this page cannot look into: a document of
/// another site, or the browser's own page about an error.
pub fn is_elsewhere() -> bool {
    window().is_some_and(|window| window.location().pathname().is_err())
}

/// Takes the frame from there to `address`, without a history entry.
pub fn bring_back(address: &str) {
    if let Some(window) = window() {
        // Of another site's window this much may be asked.
        let _ = window.location().replace(address);
    }
}

/// The addresses of the HTML artifacts that the frame shows: documents from
/// `blob:` URLs in frames of their own, with an origin of none.
pub fn artifact_pages(base: &str) -> Vec<String> {
    let found = || {
        let document = inside(base)?.document()?;
        let frames = document
            .query_selector_all("iframe[sandbox][src^='blob:']")
            .ok()?;
        let frames = (0..frames.length()).filter_map(|index| frames.get(index));
        let address = |frame: Node| frame.unchecked_into::<Element>().get_attribute("src");
        Some(frames.filter_map(address).collect())
    };
    found().unwrap_or_default()
}

/// What the HTML artifact at `address` refers to; nothing if it is larger than
/// `largest` bytes, or gone.
///
/// The frame's own `fetch` reads it: this page's policy allows it no `blob:`. It
/// becomes a document without a window: nothing of it is loaded or run.
pub async fn references(base: &str, address: &str, largest: u32) -> Option<References> {
    let answer = inside(base)?.fetch_with_str(address);
    let answer: Response = JsFuture::from(answer).await.ok()?.unchecked_into();
    let blob: Blob = JsFuture::from(answer.blob().ok()?)
        .await
        .ok()?
        .unchecked_into();
    if blob.size() > f64::from(largest) {
        return None;
    }
    let html = JsFuture::from(blob.text()).await.ok()?.as_string()?;
    let parser = DomParser::new().ok()?;
    let document = parser
        .parse_from_string(&html, SupportedType::TextHtml)
        .ok()?;
    let origins = |selector, name| origins(&document, selector, name);
    let sources = "script[src],img[src],video[src],audio[src],source[src]";
    let styles = "link[rel~=stylesheet][href]";
    Some(References {
        loaded: [origins(sources, "src"), origins(styles, "href")].concat(),
        framed: origins("iframe[src]", "src"),
    })
}

/// Where the absolute URLs lead that these elements have.
fn origins(document: &Document, selector: &str, name: &str) -> Vec<String> {
    let Ok(found) = document.query_selector_all(selector) else {
        return Vec::new();
    };
    let elements = (0..found.length()).filter_map(|index| found.get(index));
    let url = |element: Node| {
        let url = element.unchecked_into::<Element>().get_attribute(name)?;
        Url::new(&url).ok()
    };
    elements.filter_map(url).map(|url| url.origin()).collect()
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
    let base = server_name::mlflow_address(upstream.as_deref());
    let Some(document) = inside(&base).and_then(|window| window.document()) else {
        return;
    };
    let clicked = move |event: &Event| {
        if let Some(link) = escaping(event.unchecked_ref()) {
            event.prevent_default();
            event.stop_propagation();
            follow(&link, &base, upstream.as_deref());
        }
    };
    // Before MLflow's own listeners, which would follow the link.
    let options = EventListenerOptions {
        phase: EventListenerPhase::Capture,
        passive: false,
    };
    EventListener::new_with_options(&document, "click", options, clicked).forget();
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
    let window = window()?;
    let path = window.location().pathname().ok()?;
    path.starts_with(base).then_some(window)
}

/// The frame's window, whatever it shows.
fn window() -> Option<Window> {
    element()?.content_window()
}

fn element() -> Option<HtmlIFrameElement> {
    page::element(ID).map(JsCast::unchecked_into)
}
