//! The service worker: it holds the session, attaches the token to MLflow's
//! requests, and replies to the pages.
//!
//! *In scope*: the `fetch` event (`fetch_handler`), the `message` event
//! (`message_handler`), the session in memory (`state`) and in storage
//! (`session_store`), its renewal. *Out of scope*: what to do, which `shell-core`
//! decides, and the browser's APIs, which `shell-web` wraps.
//!
//! `assets/sw.js` registers the listeners and calls the functions below. Each
//! must decide synchronously whether the event is ours: a request whose handler
//! returns without an answer goes to the network as the page made it, without
//! a token.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod config;
mod documents;
mod fetch_handler;
mod message_handler;
mod renewal;
mod session_store;
mod sign_in;
mod sign_out;
mod state;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
mod transactions;

use shell_core::{intercept::Judgement, kept_document::KeptDocument, oauth::logout::FORM_PAGE};
use shell_web::{
    ExtendableEvent, ExtendableMessageEvent, FetchEvent, JsValue, clients,
    request::{self, Outgoing},
    scope::{self, InstallEvent},
};
use wasm_bindgen::prelude::wasm_bindgen;

/// The `install` event.
#[wasm_bindgen]
pub fn on_install(event: &InstallEvent) {
    // Elsewhere `on_fetch` leaves the same to the browser.
    let _ = scope::add_routes(event);
    // A refusal leaves the worker waiting, as an update does.
    let _ = scope::activate_if_first();
}

/// The `activate` event.
#[wasm_bindgen]
pub fn on_activate(event: &ExtendableEvent) {
    let _ = event.wait_until(&scope::claim());
}

/// The `fetch` event: MLflow's own requests are ours, anything else is the
/// browser's.
#[wasm_bindgen]
pub fn on_fetch(event: &FetchEvent) {
    let Some((outgoing, judgement)) = Outgoing::new(event) else {
        return;
    };
    if outgoing.is_reload() {
        documents::forget_all();
    }
    let is_document = outgoing.document() == Some(KeptDocument::Shell);
    let verdict = match judgement {
        Judgement::Leave if is_document || outgoing.is_navigation_to(FORM_PAGE) => None,
        Judgement::Leave => return,
        Judgement::Clear(clearance) => Some(Ok(clearance)),
        Judgement::Refuse(problem) => Some(Err(problem)),
    };
    let response = async move {
        match verdict {
            Some(verdict) => fetch_handler::respond(outgoing, verdict).await,
            None if is_document => documents::shell(outgoing).await,
            None => sign_out::form_page(),
        }
    };
    // An error here leaves the request to the browser, and so without a token.
    let _ = request::respond(event, response);
}

/// The `message` event: a page asks.
#[wasm_bindgen]
pub fn on_message(event: &ExtendableMessageEvent) {
    let Some(message) = clients::message(event) else {
        return;
    };
    let replied = shell_web::future_to_promise(async move {
        message_handler::reply(message).await;
        Ok(JsValue::UNDEFINED)
    });
    let _ = event.wait_until(&replied);
}
