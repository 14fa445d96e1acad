//! MLflow in its frame, and one route in two address bars.

use std::cell::{Cell, RefCell};

use shell_core::{
    Route,
    mirror::{Mirror, Move},
    site,
    words::bar,
};
use shell_web::{
    dom::{self, element},
    frame, page,
    storage::Storage,
    theme,
};

use crate::{artifact_pages, screen};

/// The element that the bar and the frame are in.
pub(crate) const ID: &str = "workbench";

/// The element that the frame is in.
const PLACE: &str = "frame";

/// Before a server's name, in the name of its route.
const ROUTE: &str = "mlflow-auth-shell:route:";

/// How often the frame's route and title are looked at, in milliseconds.
///
/// MLflow's router uses `history.pushState`, of which no event tells in all
/// engines; reading two properties of a same-origin frame costs microseconds.
const GLANCE: i32 = 250;

thread_local! {
    static MIRROR: RefCell<Option<Mirror>> = const { RefCell::new(None) };
    /// Whether the frame's last document was MLflow's.
    static AT_HOME: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the addresses of page and frame the same, whenever there is a frame.
pub(crate) fn attend() {
    page::every(GLANCE, look);
    page::on("pagehide", look);
    page::on("hashchange", look);
}

/// Shows MLflow at the route of the page's address.
pub(crate) fn open(upstream: Option<&str>) {
    let route = Route::new(&page::address().hash);
    let address = [&site::document(upstream), route.as_str()].concat();
    let frame = element("iframe")
        .with("id", frame::ID)
        .with("title", "MLflow")
        .with("allow", "clipboard-read; clipboard-write; fullscreen")
        .with("src", &address)
        .on("load", arrived);
    AT_HOME.set(false);
    dom::fill(PLACE, &[frame]);
    dom::find(ID).mark("hidden", false);
    MIRROR.set(Some(Mirror::new(route)));
}

/// The frame has another document. One that is not MLflow's is given back, once:
/// a store that has no file for MLflow answers with a page of its own, and where
/// the policy forbids to go there is the browser's. Where MLflow itself cannot be
/// reached that page stays.
fn arrived() {
    if !frame::is_elsewhere() {
        AT_HOME.set(true);
        frame::keep_links_inside(screen::upstream());
    } else if AT_HOME.replace(false) {
        frame::bring_back(&[&base(), page::address().hash.as_str()].concat());
        screen::mention(bar::BROUGHT_BACK);
    }
}

/// Removes MLflow.
pub(crate) fn close() {
    MIRROR.set(None);
    dom::fill(PLACE, &[]);
    dom::find(ID).mark("hidden", true);
}

/// Shows another server, where this tab last was on it.
pub(crate) fn switch_to(name: String) {
    let left = screen::upstream().unwrap_or_default();
    Storage::Session.set(&[ROUTE, &left].concat(), &page::address().hash);
    let route = Storage::Session.get(&[ROUTE, &name].concat());
    let route = Route::new(&route.unwrap_or_default());
    page::show_address(&[&site::address(Some(&name)), route.as_str()].concat());
    screen::switch_to(name);
}

/// The address of this page at `route`.
pub(crate) fn address_of(route: &Route) -> String {
    [
        &site::address(screen::upstream().as_deref()),
        route.as_str(),
    ]
    .concat()
}

/// Where the document of the server in the frame is.
fn base() -> String {
    site::document(screen::upstream().as_deref())
}

fn look() {
    theme::follow();
    let Some((hash, title)) = frame::shown(&base()) else {
        return;
    };
    artifact_pages::look(&base());
    page::show_title(&title);
    let [page, frame] = [page::address().hash, hash].map(|hash| Route::new(&hash));
    match MIRROR.with_borrow_mut(|mirror| mirror.as_mut()?.look(page, frame)) {
        Some(Move::TakeFrame(route)) => frame::go(&base(), route.as_str()),
        Some(Move::ShowRoute(route)) => page::show_address(&address_of(&route)),
        None => {}
    }
}
