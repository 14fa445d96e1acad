use std::{collections::BTreeMap, fmt, sync::Arc};

use jwt_compact::{
    alg::{RsaPublicKey, StrongKey},
    jwk::JsonWebKey,
};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::Value;
use shell_core::bounds::KEYS;

/// The RS256 keys of one issuer, by `kid`. Cloning shares them.
#[derive(Clone, Default)]
pub struct KeySet(Arc<BTreeMap<String, VerifyingKey>>);

/// Modulus and exponent, big-endian and without zeros before them.
///
/// Verification is ring's: a tenth of the time that `jwt-compact`'s takes, and
/// it is linked anyway, for TLS.
pub(crate) struct VerifyingKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl VerifyingKey {
    /// Whether this key made the RS256 `signature` of `signed` (RFC 7518 §3.3).
    pub(crate) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        let verified = key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature);
        verified.is_ok()
    }
}

/// Why a key set was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetError {
    /// Not a JSON object with an array of `keys`.
    Malformed,
    /// An RSA signing key has a length other than 2048, 3072 or 4096 bits, or
    /// numbers that make no key. RFC 7518 §3.3 forbids fewer than 2048 bits.
    Weak {
        /// The key in question.
        kid: String,
    },
    /// Two usable keys share a `kid`, so it does not name a key.
    Ambiguous {
        /// The name in question.
        kid: String,
    },
    /// None of the keys can verify RS256.
    NoUsableKey,
    /// There are more keys than [`KEYS`].
    TooMany,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    ///
    /// A key of another kind, for another use, for another algorithm or without
    /// a `kid` is ignored (RFC 7517 §5). A set with nothing left is an error,
    /// so that a provider's bad moment does not replace good keys.
    pub fn parse(json: &str) -> Result<Self, KeySetError> {
        let set: Jwks = serde_json::from_str(json).map_err(|_| KeySetError::Malformed)?;
        if set.keys.len() > KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut keys = BTreeMap::new();
        for jwk in set.keys.into_iter().filter_map(usable) {
            let (kid, key) = strong(jwk)?;
            if keys.insert(kid.clone(), key).is_some() {
                return Err(KeySetError::Ambiguous { kid });
            }
        }
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey);
        }
        Ok(Self(Arc::new(keys)))
    }

    /// Whether the set has a key of this name.
    pub fn contains(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    /// The names of the keys, in order.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether this is `other`, or a clone of it: two that were read from the
    /// same document are two.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.get(kid)
    }
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(flatten)]
    key: JsonWebKey<'static>,
}

fn usable(value: Value) -> Option<Jwk> {
    let jwk = Jwk::deserialize(value).ok()?;
    let is_rsa = matches!(jwk.key, JsonWebKey::Rsa { .. });
    let signs = jwk
        .purpose
        .as_deref()
        .is_none_or(|purpose| purpose == "sig");
    let as_rs256 = jwk.alg.as_deref().is_none_or(|alg| alg == "RS256");
    (is_rsa && signs && as_rs256).then_some(jwk)
}

fn strong(jwk: Jwk) -> Result<(String, VerifyingKey), KeySetError> {
    let key = RsaPublicKey::try_from(&jwk.key).map(StrongKey::try_from);
    let JsonWebKey::Rsa {
        modulus,
        public_exponent,
        ..
    } = &jwk.key
    else {
        return Err(KeySetError::Weak { kid: jwk.kid });
    };
    if !matches!(key, Ok(Ok(_))) {
        return Err(KeySetError::Weak { kid: jwk.kid });
    }
    let key = VerifyingKey {
        modulus: without_zeros(modulus),
        exponent: without_zeros(public_exponent),
    };
    Ok((jwk.kid, key))
}

fn without_zeros(number: &[u8]) -> Vec<u8> {
    number
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect()
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("not a JSON Web Key Set"),
            Self::Weak { kid } => write!(f, "key `{kid}` is not RSA of 2048, 3072 or 4096 bits"),
            Self::Ambiguous { kid } => write!(f, "two keys are called `{kid}`"),
            Self::NoUsableKey => f.write_str("no key for RS256 signatures"),
            Self::TooMany => write!(f, "more than {KEYS} keys"),
        }
    }
}

impl std::error::Error for KeySetError {}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use serde_json::{Value, json};

    use super::*;
    use crate::SigningKey;

    static STRONG: LazyLock<Value> = LazyLock::new(|| {
        let key = SigningKey::generate("a+/b=").unwrap();
        key.public_jwk()
    });

    #[test]
    fn key_sets_are_read_or_refused() {
        use KeySetError as E;
        let weak = E::Weak {
            kid: "a+/b=".into(),
        };
        let table = [
            ("one key", json!([strong()]), Ok("a+/b=")),
            (
                "no use, no alg",
                json!([strong_without(&["use", "alg"])]),
                Ok("a+/b="),
            ),
            (
                "others beside it",
                json!([{"kty": "EC"}, 7, strong()]),
                Ok("a+/b="),
            ),
            (
                "unknown members",
                json!([strong_with("x5t", "?")]),
                Ok("a+/b="),
            ),
            (
                "for encryption",
                json!([strong_with("use", "enc")]),
                Err(E::NoUsableKey),
            ),
            (
                "another algorithm",
                json!([strong_with("alg", "PS256")]),
                Err(E::NoUsableKey),
            ),
            (
                "no kid",
                json!([strong_without(&["kid"])]),
                Err(E::NoUsableKey),
            ),
            (
                "symmetric",
                json!([{"kty": "oct", "kid": "s", "k": "AA"}]),
                Err(E::NoUsableKey),
            ),
            ("empty", json!([]), Err(E::NoUsableKey)),
            ("not a list", json!("keys"), Err(E::Malformed)),
            ("many others", json!(among(KEYS)), Ok("a+/b=")),
            ("too many", json!(among(KEYS + 1)), Err(E::TooMany)),
            (
                "1024 bits",
                json!([strong_with("n", &modulus(1024))]),
                Err(weak.clone()),
            ),
            (
                "2047 bits",
                json!([strong_with("n", &modulus(2047))]),
                Err(weak.clone()),
            ),
            ("exponent 1", json!([strong_with("e", "AQ")]), Err(weak)),
            (
                "the same name twice",
                json!([strong(), strong()]),
                Err(E::Ambiguous {
                    kid: "a+/b=".into(),
                }),
            ),
        ];
        for (case, keys, expected) in table {
            let parsed = KeySet::parse(&json!({ "keys": keys }).to_string());
            let found = parsed.map(|keys| keys.key_ids().collect::<Vec<_>>().join(" "));
            assert_eq!(found, expected.map(String::from), "{case}");
        }
    }

    #[test]
    fn what_is_no_key_set_is_malformed() {
        for text in ["", "[]", "{}", "<html>", r#"{"keys":null}"#] {
            assert_eq!(
                KeySet::parse(text).unwrap_err(),
                KeySetError::Malformed,
                "{text}"
            );
        }
    }

    /// The one key, last of so many.
    fn among(keys: usize) -> Vec<Value> {
        let mut all = vec![json!({"kty": "EC"}); keys - 1];
        all.push(strong());
        all
    }

    fn strong() -> Value {
        STRONG.clone()
    }

    fn strong_with(member: &str, value: &str) -> Value {
        let mut jwk = strong();
        jwk[member] = value.into();
        jwk
    }

    fn strong_without(members: &[&str]) -> Value {
        let mut jwk = strong();
        let object = jwk.as_object_mut().unwrap();
        object.retain(|member, _| !members.contains(&member.as_str()));
        jwk
    }

    /// An odd number of that many bits, in base64url.
    fn modulus(bits: usize) -> String {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bytes.len() * 8 - bits;
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}
