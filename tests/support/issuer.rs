//! An issuer whose tokens a test signs itself.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Router, routing::get};
use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};

/// What issuers begin with.
static FIRST: LazyLock<SigningKey> = LazyLock::new(|| key(0));

fn key(number: u32) -> SigningKey {
    SigningKey::generate(format!("key-{number}+/key=")).expect("keys can be made")
}

/// An issuer that publishes one key at a time. Clones are the same issuer.
#[derive(Debug, Clone)]
pub struct Issuer(Arc<Mutex<Current>>);

/// The key of this moment.
#[derive(Debug)]
struct Current {
    key: SigningKey,
    number: u32,
    /// What is published in place of the key alone.
    set: Option<Value>,
}

impl Default for Issuer {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Current {
            key: FIRST.clone(),
            number: 0,
            set: None,
        })))
    }
}

impl Issuer {
    /// Signs with `key`, and publishes `set`, from now on.
    ///
    /// # Panics
    /// If another thread panicked while it used the issuer.
    pub fn publish(&self, key: SigningKey, set: Value) {
        let mut current = self.0.lock().expect("no other thread panicked");
        current.key = key;
        current.set = Some(set);
    }

    /// What is published.
    fn set(&self) -> Value {
        let current = self.0.lock().expect("no other thread panicked");
        let usual = || jwks([&current.key]);
        current.set.clone().unwrap_or_else(usual)
    }

    /// Signs with a new key from now on, and publishes that one only.
    ///
    /// # Panics
    /// If another thread panicked while it used the issuer.
    pub fn rotate(&self) {
        let mut current = self.0.lock().expect("no other thread panicked");
        current.number += 1;
        current.key = key(current.number);
        current.set = None;
    }

    /// Signs `claims` with the key of this moment.
    ///
    /// # Panics
    /// If another thread panicked while it used the issuer.
    pub fn sign(&self, claims: &Value) -> String {
        let key = self.key();
        let token = key.sign(claims).expect("claims are an object");
        token.expose().to_owned()
    }

    /// Signs `claims` in the name of a key that is not published.
    ///
    /// # Panics
    /// If another thread panicked while it used the issuer.
    pub fn sign_with_unknown_key(&self, claims: &Value) -> String {
        let key = self.key().renamed("unknown+/key=");
        let token = key.sign(claims).expect("claims are an object");
        token.expose().to_owned()
    }

    /// The router that publishes the key.
    pub fn router(&self) -> Router {
        let issuer = self.clone();
        let publish = move || async move { axum::response::Html(issuer.set().to_string()) };
        Router::new().route("/.well-known/jwks.json", get(publish))
    }

    /// The key of this moment.
    ///
    /// # Panics
    /// If another thread panicked while it used the issuer.
    pub fn key(&self) -> SigningKey {
        self.0.lock().expect("no other thread panicked").key.clone()
    }
}

/// The claims of a good ID token from `issuer`, for a reader.
pub fn claims(issuer: &str) -> Value {
    json!({
        "iss": issuer,
        "sub": "8f1c3c52",
        "aud": "shell-under-test",
        "token_use": "id",
        "email": "reader@example.com",
        "cognito:groups": ["readers"],
        "iat": now(),
        "exp": now() + 600,
    })
}

/// Seconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
