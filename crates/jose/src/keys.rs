//! An issuer's keys, and which of them may have signed a token.

mod jwk;
mod verifying;

use std::{fmt, sync::Arc};

use serde::Deserialize;
use serde_json::Value;
use shell_core::{algorithm::Algorithm, bounds::KEYS};

pub(crate) use self::verifying::VerifyingKey;

/// The most keys that a token without a usable name is tried with.
///
/// Each costs a signature check, and anyone may send such tokens. No known
/// provider publishes more keys of one kind at a time.
pub const MOST_TRIES: usize = 8;

/// The usable keys of one issuer. Cloning shares them.
#[derive(Clone, Default)]
pub struct KeySet(Arc<Keys>);

#[derive(Default)]
struct Keys {
    usable: Vec<VerifyingKey>,
    ignored: Vec<IgnoredKey>,
}

/// A published key that is as if it were not there, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredKey {
    /// Its name, or its place if it has none.
    pub key: String,
    /// What makes it unusable.
    pub reason: String,
}

/// What a token says of the key that signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHint {
    /// The key's name. It is only a hint: names may be missing, or there twice.
    pub kid: Option<String>,
    /// The algorithm, which the key must be for.
    pub algorithm: Algorithm,
    /// Keys that did not sign it.
    tried: Option<KeySet>,
}

/// Why a key set was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetError {
    /// Not a JSON object with an array of `keys`.
    Malformed,
    /// None of the keys can be used: why each cannot.
    NoUsableKey(Vec<IgnoredKey>),
    /// There are more keys than [`KEYS`].
    TooMany,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    ///
    /// A key that cannot be used is as if it were not there (RFC 7517 §5), and
    /// [`ignored`](Self::ignored) says why. A set with nothing left is an error, so
    /// that a provider's bad moment does not replace good keys.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        let set: Jwks = serde_json::from_str(json).map_err(|_| KeySetError::Malformed)?;
        if set.keys.len() > KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut keys = Keys::default();
        for (place, jwk) in set.keys.iter().enumerate() {
            match jwk::read(jwk) {
                Ok(key) => keys.usable.push(key),
                Err(reason) => keys.ignored.push(IgnoredKey {
                    key: jwk::title(jwk, place),
                    reason,
                }),
            }
        }
        if keys.usable.is_empty() {
            return Err(KeySetError::NoUsableKey(keys.ignored));
        }
        Ok(Self(Arc::new(keys)))
    }

    /// Whether the set has a key that may have signed the token of `hint`.
    pub(crate) fn has(&self, hint: &KeyHint) -> bool {
        let is_tried = hint.tried.as_ref().is_some_and(|tried| tried.is(self));
        !is_tried && (self.names(hint) || self.candidates(hint).next().is_some())
    }

    /// Whether the set has a key of the name in `hint`.
    pub(crate) fn names(&self, hint: &KeyHint) -> bool {
        hint.kid.is_some() && self.usable().any(|key| key.kid == hint.kid)
    }

    /// The names of the keys that have one, in order.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.usable().filter_map(|key| key.kid.as_deref())
    }

    /// How many keys can be used.
    pub fn count(&self) -> usize {
        self.0.usable.len()
    }

    /// The algorithms that tokens of these keys may have, each once.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        let permitted = |algorithm: &Algorithm| self.usable().any(|key| key.permits(*algorithm));
        Algorithm::ALL.into_iter().filter(permitted)
    }

    /// The published keys that are not used.
    pub fn ignored(&self) -> &[IgnoredKey] {
        &self.0.ignored
    }

    /// Whether this is `other`, or a clone of it: two that were read from the
    /// same document are two.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The keys that may have signed the token of `hint`, [`MOST_TRIES`] at most:
    /// those of its name; where no key has that name, those without any; for a
    /// token that names none, all. Each is for the token's algorithm: the key
    /// decides, never the header alone (RFC 8725 §3.1).
    pub(crate) fn candidates(&self, hint: &KeyHint) -> impl Iterator<Item = &VerifyingKey> {
        let is_named = self.names(hint);
        let fits = move |key: &&VerifyingKey| match (&hint.kid, &key.kid) {
            (None, _) => true,
            (Some(_), None) => !is_named,
            (Some(wanted), Some(kid)) => wanted == kid,
        };
        let permits = |key: &&VerifyingKey| key.permits(hint.algorithm);
        self.usable().filter(fits).filter(permits).take(MOST_TRIES)
    }

    fn usable(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.0.usable.iter()
    }
}

impl KeyHint {
    /// What a token with these in its header says.
    pub fn new(kid: Option<String>, algorithm: Algorithm) -> Self {
        Self {
            kid,
            algorithm,
            tried: None,
        }
    }

    /// The same, of a token that none of `keys` signed: the issuer may have others
    /// by now.
    #[must_use]
    pub(crate) fn not(&self, keys: &KeySet) -> Self {
        Self {
            tried: Some(keys.clone()),
            ..self.clone()
        }
    }
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

/// Whether they are one set, not whether they have the same keys.
impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for KeySet {}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.usable().map(|key| key.kid.as_deref());
        f.debug_list().entries(names).finish()
    }
}

impl fmt::Display for IgnoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.reason)
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("not a JSON Web Key Set"),
            Self::NoUsableKey(ignored) if ignored.is_empty() => f.write_str("there are no keys"),
            Self::NoUsableKey(ignored) => {
                let reasons: Vec<String> = ignored.iter().map(ToString::to_string).collect();
                write!(f, "none of the keys can be used: {}", reasons.join("; "))
            }
            Self::TooMany => write!(f, "more than {KEYS} keys"),
        }
    }
}

impl std::error::Error for KeySetError {}

#[cfg(test)]
mod tests;
