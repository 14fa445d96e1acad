//! The service worker: it holds the session, attaches the token to MLflow's
//! requests, and answers the pages.
//!
//! `assets/sw.js` registers the listeners and calls the functions below. Each
//! must decide synchronously: an event whose handler returns without an answer
//! goes to the network as the page made it, without a token.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answer;
mod sign_in;
mod state;
mod transactions;

use shell_core::{
    intercept::{self, Clearance},
    protocol::Message,
    refusal::{self, Asker, Cause},
    session::Event,
};
use shell_web::{ExtendableEvent, ExtendableMessageEvent, FetchEvent, clock, scope, spawn_local};
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// The `install` event.
#[wasm_bindgen]
pub fn on_install() {
    // A refusal leaves the worker waiting, as an update does.
    let _ = scope::activate_if_first();
}

/// The `activate` event.
#[wasm_bindgen]
pub fn on_activate(event: &ExtendableEvent) {
    let _ = event.wait_until(&scope::claim());
}

/// The `fetch` event: attach the token, refuse, or leave it to the browser.
#[wasm_bindgen]
pub fn on_fetch(event: &FetchEvent) {
    let Some((seen, clearance)) = cleared(event) else {
        return;
    };
    // An error here leaves the request to the browser, and so without a token.
    let _ = match state::bearer(&clearance, clock::now()) {
        Some(bearer) => forward(event, bearer),
        None => refuse(event, seen.asker),
    };
}

/// The `message` event: a page asks.
#[wasm_bindgen]
pub fn on_message(event: &ExtendableMessageEvent) {
    let Some((text, port)) = scope::message(event) else {
        return;
    };
    let answered = shell_web::future_to_promise(async move {
        let answer = answer::to(&text).await;
        scope::reply(&port, &answer.write());
        Ok(wasm_bindgen::JsValue::UNDEFINED)
    });
    let _ = event.wait_until(&answered);
}

fn cleared(event: &FetchEvent) -> Option<(scope::Seen, Clearance)> {
    let seen = scope::see(event)?;
    let own = scope::own_origin();
    let clearance = intercept::judge(&own, &seen.origin, &seen.path, &seen.query)?;
    Some((seen, clearance))
}

fn refuse(event: &FetchEvent, asker: Asker) -> Result<(), shell_web::Error> {
    spawn_local(state::refused());
    scope::refuse(event, &refusal::refuse(&Cause::Unauthenticated, asker))
}

/// Sends the request on, and ends the session if the server no longer takes
/// the token.
fn forward(event: &FetchEvent, bearer: shell_core::Secret) -> Result<(), shell_web::Error> {
    let answer = scope::forward(event, bearer.expose())?;
    spawn_local(async move {
        if scope::status_of(answer).await == Some(401) {
            state::on(Event::Rejected(bearer)).await;
        }
    });
    Ok(())
}
