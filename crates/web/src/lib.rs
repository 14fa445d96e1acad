//! Adapters over the browser's APIs: the only crate that names `web-sys`, but for
//! the elements that the page's components draw.
//!
//! *In scope*: fetch events, requests and responses, the service worker and its
//! clients, windows, storage, cryptography, clocks, locks. *Out of scope*: every
//! decision, which is `shell-core`'s, and the DOM.
//!
//! Page and worker share [`clock`], [`crypto`],
//! [`entropy`], [`http`], [`single_flight`], [`store`] and [`time`]; [`page`],
//! [`frame`], [`storage`], [`theme`], [`windows`] and [`workers`] belong
//! to the page; [`clients`], [`fetch_response`], [`in_flight`], [`lock`],
//! [`request`] and [`scope`] to the worker.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod clients;
pub mod clock;
pub mod crypto;
pub mod entropy;
mod error;
pub mod fetch_response;
pub mod frame;
pub mod http;
pub mod in_flight;
pub mod lock;
mod notify;
pub mod page;
pub mod request;
pub mod scope;
pub mod single_flight;
pub mod storage;
pub mod store;
pub mod theme;
pub mod time;
pub mod windows;
pub mod workers;

pub use self::{error::Error, notify::Notify};
pub use wasm_bindgen::JsValue;
pub use wasm_bindgen_futures::{future_to_promise, spawn_local};
pub use web_sys::{ExtendableEvent, ExtendableMessageEvent, FetchEvent};

/// Sends the words of a panic, and where it was, to the browser's console. To be
/// called first. The console adds the stack by itself.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
}
