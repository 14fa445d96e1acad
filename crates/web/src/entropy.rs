//! The one place that draws random numbers.

use js_sys::Reflect;
use shell_core::Entropy;
use wasm_bindgen::JsCast;
use web_sys::Crypto;

use crate::Error;

/// Draws 256 bits from the browser's secure source.
pub fn draw() -> Result<Entropy, Error> {
    let mut bits = [0; 32];
    crypto()?.get_random_values_with_u8_array(&mut bits)?;
    Ok(Entropy(bits))
}

pub(crate) fn crypto() -> Result<Crypto, Error> {
    Ok(Reflect::get(&js_sys::global(), &"crypto".into())?.unchecked_into())
}
