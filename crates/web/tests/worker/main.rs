//! The adapters the worker uses, in a real service worker.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crypto;
mod fetch_response;
mod http;
mod store;
mod time;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_service_worker);
