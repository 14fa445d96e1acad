//! The browser, for Rust: the only crate that names `web-sys`.
//!
//! It acts and decides nothing. Page and worker share [`clock`], [`entropy`],
//! [`http`], [`seal`], [`store`] and [`wait`]; [`page`], [`dom`], [`frame`],
//! [`notes`], [`theme`], [`windows`] and [`workers`] belong to the page; [`scope`], [`request`], [`body`],
//! [`clients`], [`digest`] and [`lock`] to the worker.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod body;
pub mod clients;
pub mod clock;
pub mod digest;
pub mod dom;
pub mod entropy;
mod error;
pub mod frame;
pub mod http;
pub mod lock;
pub mod notes;
pub mod page;
pub mod request;
pub mod scope;
pub mod seal;
pub mod store;
pub mod theme;
pub mod wait;
pub mod windows;
pub mod workers;

use std::{future::Future, pin::Pin};

pub use self::error::Error;
pub use wasm_bindgen::JsValue;
pub use web_sys::{ExtendableEvent, ExtendableMessageEvent, FetchEvent};

/// Runs `work` without anyone waiting for it.
///
/// Boxed, as below: what runs it would otherwise be compiled for each work.
pub fn spawn_local(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}

/// The promise of what `work` comes to.
pub fn future_to_promise(
    work: impl Future<Output = Result<JsValue, JsValue>> + 'static,
) -> js_sys::Promise {
    let work: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(work);
    wasm_bindgen_futures::future_to_promise(work)
}

/// A third of the size of the standard library's allocator: lists of free
/// blocks by size, in constant time. What it takes it keeps and uses again;
/// nothing here is larger than a page of HTML.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
