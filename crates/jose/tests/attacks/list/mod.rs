//! Attacks on tokens: one list for the signature check here and for the gateway
//! over HTTP and the authorizer (`tests/service/{attacks,authorizer}.rs`).
//!
//! Every token of it was really made. Where the attack is in a claim or in a
//! header, the issuer's own key signed it, so that nothing else is wrong.

mod algorithms;
mod claims;
mod encodings;
mod headers;
mod keys;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shell_core::claims::{ClaimsError, ReadError};
use shell_jose::{SigningKey, VerifyError};

/// What is no token at all.
const MALFORMED: VerifyError = VerifyError::Unreadable(ReadError::Malformed);

/// A token that must be refused, and why.
#[derive(Debug)]
pub(crate) struct Attack {
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) reason: Reason,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is not a token of a key of the issuer.
    Token(VerifyError),
    /// It is one, and not for us, or not now.
    Claims(ClaimsError),
    /// It is one of a user whose groups cannot be read, who is in none.
    Groups,
}

/// Makes tokens.
#[derive(Debug)]
pub(crate) struct Forge<'a> {
    /// The issuer's key.
    pub(crate) key: &'a SigningKey,
    /// The attacker's key, which has the same name.
    pub(crate) impostor: &'a SigningKey,
    /// The claims of a good ID token.
    pub(crate) claims: Value,
    /// The time, in seconds since 1970.
    pub(crate) now: u64,
}

/// All of them.
pub(crate) fn all(forge: &Forge<'_>) -> Vec<Attack> {
    [
        algorithms::list(forge),
        keys::list(forge),
        headers::list(forge),
        encodings::list(forge),
        claims::list(forge),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is odd about a token and harmless: it has to be accepted.
pub(crate) fn harmless(forge: &Forge<'_>) -> Vec<(String, String)> {
    headers::harmless(forge)
}

impl Forge<'_> {
    /// A token that is as it should be.
    pub(crate) fn good(&self) -> String {
        self.with_payload(&self.claims.to_string())
    }

    fn header(&self) -> Value {
        json!({ "alg": "RS256", "kid": self.key.kid() })
    }

    /// A token with this header, signed by the issuer's key.
    fn with_header(&self, header: &str) -> String {
        self.signed(header, &self.claims.to_string())
    }

    /// A token whose header has `value` under `name`, signed by the issuer's key.
    fn heading(&self, name: &str, value: Value) -> String {
        let mut header = self.header();
        header[name] = value;
        self.with_header(&header.to_string())
    }

    /// A token with this payload, signed by the issuer's key.
    pub(crate) fn with_payload(&self, payload: &str) -> String {
        self.signed(&self.header().to_string(), payload)
    }

    /// A token whose payload has `value` under `name`, signed by the issuer's
    /// key.
    fn claiming(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.with_payload(&claims.to_string())
    }

    /// The same without `name`.
    fn lacking(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        let fields = claims.as_object_mut().expect("claims are an object");
        fields.remove(name);
        self.with_payload(&claims.to_string())
    }

    fn signed(&self, header: &str, payload: &str) -> String {
        let token = self.key.sign_unchecked(header, payload);
        token.expose().to_owned()
    }

    /// A token with this header, signed by the attacker.
    fn forged(&self, header: &Value) -> String {
        let claims = self.claims.to_string();
        let token = self.impostor.sign_unchecked(&header.to_string(), &claims);
        token.expose().to_owned()
    }
}

/// Header, payload and signature of `token`.
fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("a token has three parts")
}

fn encode(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// The attacks of one family, all refused for the same reason.
fn family<N: Into<String>>(
    reason: &VerifyError,
    attacks: impl IntoIterator<Item = (N, String)>,
) -> Vec<Attack> {
    let attacks = attacks.into_iter().map(|(name, token)| Attack {
        name: name.into(),
        token,
        reason: Reason::Token(reason.clone()),
    });
    attacks.collect()
}
