//! The worker in a real service worker, through its ports: what a page asks,
//! what it is answered, and what lies in storage meanwhile.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browser;
mod documents;
mod messages;
mod requests;
mod session;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_service_worker);
