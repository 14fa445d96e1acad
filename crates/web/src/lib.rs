//! The browser, for Rust: the only crate that names `web-sys`.
//!
//! It acts and decides nothing. Page and worker share [`clock`], [`entropy`]
//! and [`http`]; [`page`] and [`frame`] belong to the page, [`scope`],
//! [`seal`] and [`store`] to the worker.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod clock;
pub mod entropy;
mod error;
pub mod frame;
pub mod http;
pub mod json;
pub mod page;
pub mod scope;
pub mod seal;
pub mod store;

pub use self::error::Error;
pub use wasm_bindgen_futures::{future_to_promise, spawn_local};
pub use web_sys::{ExtendableEvent, ExtendableMessageEvent, FetchEvent};
