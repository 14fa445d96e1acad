//! The Web Cryptography API: sealing what must be stored, with AES-GCM under a
//! key no script can read out, and SHA-256.
//!
//! The key is a non-extractable `CryptoKey`. Script of this origin can still
//! *use* it; what it prevents is reading secrets from the disk or in passing.
//! Which keys are accepted, [`shell_core::seal`] says.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use shell_core::seal::{ALGORITHM, KeyDescription, LENGTH, USAGES};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use crate::{Error, entropy};

/// Bytes of the nonce (NIST SP 800-38D §8.2 recommends 96 bits).
const NONCE: usize = 12;

/// A key that can seal and open.
#[derive(Debug, Clone)]
pub struct Key(CryptoKey);

impl Key {
    /// Makes a new key.
    pub async fn generate() -> Result<Self, Error> {
        let parameters = parameters(&[("name", ALGORITHM.into()), ("length", LENGTH.into())])?;
        let usages: Array = USAGES.into_iter().map(JsValue::from).collect();
        let key = subtle()?.generate_key_with_object(&parameters, false, &usages)?;
        Ok(Self(JsFuture::from(key).await?.unchecked_into()))
    }

    /// Takes a key back out of storage, or from another page; `None` if `value`
    /// is none, or one that nothing is to be sealed with.
    pub fn from_stored(value: JsValue) -> Option<Self> {
        let key: CryptoKey = value.dyn_into().ok()?;
        describe(&key)?.is_acceptable().then_some(Self(key))
    }

    /// The key as a value that can be stored.
    pub fn as_stored(&self) -> &JsValue {
        self.0.as_ref()
    }

    /// Seals `text`. The result can be stored, and opens only with `label`.
    pub async fn seal(&self, text: &str, label: &str) -> Result<JsValue, Error> {
        let nonce = Uint8Array::new_with_length(u32::try_from(NONCE).unwrap_or_default());
        entropy::crypto()?.get_random_values_with_array_buffer_view(&nonce)?;
        let parameters = gcm(&nonce, label)?;
        let sealing =
            subtle()?.encrypt_with_object_and_u8_array(&parameters, &self.0, text.as_bytes())?;
        let sealed = JsFuture::from(sealing).await?;
        Ok(Array::of2(&nonce, &sealed).into())
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// If it was made with another key or label, or changed since.
    pub async fn open(&self, sealed: JsValue, label: &str) -> Result<String, Error> {
        let parts: Array = sealed.dyn_into()?;
        let nonce: Uint8Array = parts.get(0).dyn_into()?;
        let data: ArrayBuffer = parts.get(1).dyn_into()?;
        let parameters = gcm(&nonce, label)?;
        let opening =
            subtle()?.decrypt_with_object_and_buffer_source(&parameters, &self.0, &data)?;
        let bytes = Uint8Array::new(&JsFuture::from(opening).await?).to_vec();
        String::from_utf8(bytes).map_err(|_| JsValue::from("sealed text is not UTF-8").into())
    }
}

/// The SHA-256 of `text`.
pub async fn sha256(text: &str) -> Result<[u8; 32], Error> {
    let digesting = subtle()?.digest_with_str_and_u8_array("SHA-256", text.as_bytes())?;
    let bytes = Uint8Array::new(&JsFuture::from(digesting).await?).to_vec();
    let digest = bytes.try_into();
    digest.map_err(|_| JsValue::from("a digest has 32 bytes").into())
}

fn subtle() -> Result<SubtleCrypto, Error> {
    Ok(entropy::crypto()?.subtle())
}

/// What the browser says of `key`.
fn describe(key: &CryptoKey) -> Option<KeyDescription> {
    let algorithm = key.algorithm().ok()?;
    let of_algorithm = |name: &str| Reflect::get(&algorithm, &name.into()).ok();
    let is_ours = of_algorithm("length") == Some(JsValue::from(LENGTH));
    Some(KeyDescription {
        algorithm: of_algorithm("name")?.as_string()?,
        length: is_ours.then_some(LENGTH),
        is_extractable: key.extractable(),
        usages: key
            .usages()
            .iter()
            .filter_map(|usage| usage.as_string())
            .collect(),
    })
}

fn gcm(nonce: &Uint8Array, label: &str) -> Result<Object, Error> {
    parameters(&[
        ("name", ALGORITHM.into()),
        ("iv", nonce.into()),
        ("additionalData", Uint8Array::from(label.as_bytes()).into()),
    ])
}

fn parameters(entries: &[(&str, JsValue)]) -> Result<Object, Error> {
    let object = Object::new();
    for (key, value) in entries {
        Reflect::set(&object, &(*key).into(), value)?;
    }
    Ok(object)
}
