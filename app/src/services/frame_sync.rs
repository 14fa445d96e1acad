//! MLflow's frame in the browser, and keeping its route and the page's the same.

use std::cell::RefCell;

use leptos::prelude::Callable;
use serde::Serialize;
use shell_core::{
    Route, Secret,
    artifact_page::LARGEST,
    page::{ListedToken, Msg},
};
use shell_web::{frame, http, page, spawn_local, storage::Storage, theme};

use super::Dispatch;

/// Before a server's name, in the name of its route.
const ROUTE: &str = "mlflow-auth-shell:route:";

/// What the document's start script loads into the frame while this module is on
/// its way (`assets/boot.js`).
const EARLY: &str = "mlflow-auth-shell:frame";

/// What it loads there, and for which query of the page's address.
#[derive(Serialize)]
struct Early<'a> {
    query: &'a str,
    document: &'a str,
}

/// How often the frame's route and title are looked at, in milliseconds.
///
/// MLflow's router uses `history.pushState`, of which no event tells in all
/// engines; reading two properties of a same-origin frame costs microseconds.
const PERIOD: u32 = 250;

thread_local! {
    /// Where MLflow's document is; empty as long as none is shown.
    static DOCUMENT: RefCell<String> = const { RefCell::new(String::new()) };
    /// The HTML artifacts that were shown when last looked at: each is read once.
    static ARTIFACTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Compares the addresses of page and frame as long as the page is open, and
/// follows MLflow's light or dark.
pub(super) fn listen(dispatch: Dispatch) {
    theme::follow();
    page::every(PERIOD, move || look(dispatch));
    page::on("pagehide", move || look(dispatch));
    page::on("hashchange", move || look(dispatch));
}

fn look(dispatch: Dispatch) {
    theme::follow();
    let document = DOCUMENT.with_borrow(Clone::clone);
    if document.is_empty() {
        return;
    }
    let Some((hash, title)) = frame::shown(&document) else {
        return;
    };
    look_for_artifacts(&document, dispatch);
    page::show_title(&title);
    let [page, frame] = [page::address().hash, hash].map(|hash| Route::new(&hash));
    dispatch.run(Msg::FrameCompared { page, frame });
}

fn look_for_artifacts(document: &str, dispatch: Dispatch) {
    let now = frame::artifact_pages(document);
    let before = ARTIFACTS.replace(now.clone());
    for address in now.into_iter().filter(|address| !before.contains(address)) {
        let document = document.to_owned();
        spawn_local(async move {
            if let Some(found) = frame::references(&document, &address, LARGEST).await {
                dispatch.run(Msg::ArtifactFound(found));
            }
        });
    }
}

/// Loads `address` into the frame, unless the start script has already.
pub(super) fn load(address: &str, dispatch: Dispatch) {
    let document = address.split('#').next().unwrap_or_default();
    DOCUMENT.set(document.to_owned());
    let query = &page::address().query;
    let record = serde_json::to_string(&Early { query, document });
    Storage::Local.set(EARLY, &record.unwrap_or_default());
    frame::load(address, move || tell_loaded(dispatch));
}

fn tell_loaded(dispatch: Dispatch) {
    let is_elsewhere = frame::is_elsewhere();
    dispatch.run(Msg::FrameLoaded { is_elsewhere });
}

/// Removes MLflow.
pub(super) fn clear() {
    DOCUMENT.set(String::new());
    Storage::Local.remove(EARLY);
    frame::clear();
}

/// Notes where this tab leaves one server, and looks up where it last was on
/// another.
pub(super) fn leave_server(from: &str, route: &Route, to: String, dispatch: Dispatch) {
    Storage::Session.set(&format!("{ROUTE}{from}"), route.as_str());
    let route = Storage::Session.get(&format!("{ROUTE}{to}"));
    dispatch.run(Msg::RouteOf(to, Route::new(&route.unwrap_or_default())));
}

/// Asks MLflow for its version.
pub(super) fn ask_version(dispatch: Dispatch) {
    spawn_local(async move {
        let version = http::mlflow_version().await.unwrap_or_default();
        dispatch.run(Msg::ServerVersion(version));
    });
}

/// Asks the gateway for the user's tokens for programs.
pub(super) fn list_tokens(dispatch: Dispatch) {
    spawn_local(async move {
        if let Some(list) = http::list_tokens().await {
            dispatch.run(Msg::TokensListed(ListedToken::list(&list)));
        }
    });
}

/// Has the gateway revoke one.
pub(super) fn revoke_token(id: String, dispatch: Dispatch) {
    spawn_local(async move {
        dispatch.run(Msg::TokenRevoked(http::revoke_token(&id).await));
    });
}

/// Asks the gateway for a token for programs.
pub(super) fn issue_token(dispatch: Dispatch) {
    spawn_local(async move {
        let token = http::issue_token().await;
        dispatch.run(Msg::TokenIssued(token.map(Secret::new)));
    });
}
