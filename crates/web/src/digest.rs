//! Digests by the browser.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::{Error, entropy};

/// The SHA-256 of `text`.
pub async fn sha256(text: &str) -> Result<[u8; 32], Error> {
    let subtle = entropy::crypto()?.subtle();
    let digesting = subtle.digest_with_str_and_u8_array("SHA-256", text.as_bytes())?;
    let bytes = Uint8Array::new(&JsFuture::from(digesting).await?).to_vec();
    let digest = bytes.try_into();
    digest.map_err(|_| JsValue::from("a digest has 32 bytes").into())
}
