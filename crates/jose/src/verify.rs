use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use shell_core::{
    algorithm::{Algorithm, Algorithms},
    bounds::{TokenTooLong, check_token},
    claims::{RawClaims, ReadError, check_form},
    json,
};

use crate::{KeyHint, KeySet};

/// Why a token was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// It cannot be read, or has another algorithm than the site takes.
    Unreadable(ReadError),
    /// It is too long to be looked at.
    TooLong(TokenTooLong),
    /// The header demands an extension (`crit`, RFC 7515 §4.1.11, or one that
    /// changes how the token is read), and none is understood here.
    Critical,
    /// The set has no key that may have signed it. Ask
    /// [`KeyCache`](crate::KeyCache) whether to load the set again.
    UnknownKey {
        /// The key's name, if the token gives one.
        kid: Option<String>,
    },
    /// The key that it names is not for the algorithm that it names.
    KeyUse {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// No key of the set that may have signed it did.
    Signature,
}

/// A token in the compact serialization (RFC 7515 §7.1), taken apart and read.
/// Nothing has vouched for it.
#[derive(Debug)]
pub struct UnverifiedToken<'a> {
    algorithm: String,
    kid: Option<String>,
    claims: RawClaims,
    /// Header and payload, as they were signed.
    signed: &'a str,
    signature: Vec<u8>,
}

/// Verifies the signature of `token`, which has one of `algorithms`, and returns
/// what it says.
///
/// The claims are authentic, and no more: whether they are current and meant
/// for us is [`RawClaims::check`].
pub fn verify(
    token: &str,
    keys: &KeySet,
    algorithms: &Algorithms,
) -> Result<RawClaims, VerifyError> {
    let token = UnverifiedToken::read(token)?;
    let hint = token.key_hint(algorithms)?;
    token.verify(&hint, keys)
}

/// What changes how a token is to be read; none of it is understood here.
/// `b64` and `zip` count whether or not `crit` lists them, because they would
/// give one signed text two meanings (RFC 7797 §6, RFC 7516 §4.1.3).
const EXTENSIONS: [&str; 4] = ["crit", "b64", "zip", "enc"];

const MALFORMED: VerifyError = VerifyError::Unreadable(ReadError::Malformed);

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart and reads its header and claims.
    ///
    /// # Errors
    /// If it is no token, or a claim is not what it has to be.
    pub fn read(token: &'a str) -> Result<Self, VerifyError> {
        check_token(token).map_err(VerifyError::TooLong)?;
        check_form(token)?;
        let parts: Vec<&str> = token.split('.').collect();
        let &[header, payload, signature] = parts.as_slice() else {
            return Err(MALFORMED);
        };
        let header = read_header(header)?;
        // The key of a token without a payload is not looked for.
        let payload = decode(payload)?;
        let signature = decode(signature)?;
        let (signed, _) = token.rsplit_once('.').ok_or(MALFORMED)?;
        Ok(Self {
            algorithm: algorithm(&header)?,
            kid: key_id(&header)?,
            claims: RawClaims::parse(&payload)?.typed(typ(&header)),
            signed,
            signature,
        })
    }

    /// The issuer that it claims to come from, to choose among configured issuers
    /// by.
    pub fn issuer(&self) -> &str {
        &self.claims.iss
    }

    /// What it says of the key that signed it.
    ///
    /// # Errors
    /// If its algorithm is none of `algorithms`.
    pub fn key_hint(&self, algorithms: &Algorithms) -> Result<KeyHint, VerifyError> {
        let algorithm = algorithms.check(&self.algorithm);
        let algorithm = algorithm.map_err(|error| VerifyError::Unreadable(error.into()))?;
        Ok(KeyHint::new(self.kid.clone(), algorithm))
    }

    /// Verifies it with the keys that `hint`, its own, leads to.
    ///
    /// # Errors
    /// If none of them signed it.
    pub fn verify(self, hint: &KeyHint, keys: &KeySet) -> Result<RawClaims, VerifyError> {
        let signed = self.signed.as_bytes();
        let mut candidates = keys.candidates(hint).peekable();
        if candidates.peek().is_none() {
            return Err(no_candidate(hint, keys));
        }
        if candidates.any(|key| key.verifies(hint.algorithm, signed, &self.signature)) {
            return Ok(self.claims);
        }
        Err(VerifyError::Signature)
    }
}

/// Why there is no key to verify a token with.
fn no_candidate(hint: &KeyHint, keys: &KeySet) -> VerifyError {
    if keys.names(hint) {
        let algorithm = hint.algorithm;
        return VerifyError::KeyUse { algorithm };
    }
    VerifyError::UnknownKey {
        kid: hint.kid.clone(),
    }
}

/// Reads a header. The fields that are not looked at are hints where a key may be
/// found, which is not followed here, and texts for people.
fn read_header(header: &str) -> Result<Map<String, Value>, VerifyError> {
    let json = String::from_utf8(decode(header)?).map_err(|_| MALFORMED)?;
    let Ok(Value::Object(header)) = json::parse(&json) else {
        return Err(MALFORMED);
    };
    if EXTENSIONS.into_iter().any(|name| header.contains_key(name)) {
        return Err(VerifyError::Critical);
    }
    Ok(header)
}

fn algorithm(header: &Map<String, Value>) -> Result<String, VerifyError> {
    let name = header.get("alg").and_then(Value::as_str);
    name.map(ToOwned::to_owned).ok_or(MALFORMED)
}

fn key_id(header: &Map<String, Value>) -> Result<Option<String>, VerifyError> {
    match header.get("kid") {
        Some(Value::String(kid)) => Ok(Some(kid.clone())),
        Some(_) => Err(MALFORMED),
        None => Ok(None),
    }
}

fn typ(header: &Map<String, Value>) -> Option<String> {
    header.get("typ")?.as_str().map(ToOwned::to_owned)
}

fn decode(part: &str) -> Result<Vec<u8>, VerifyError> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| MALFORMED)
}

impl VerifyError {
    /// What to look up once more, if this is what `keys` made of a token of `hint`:
    /// one that names none of them may be of a key that the issuer has added since.
    pub fn second_lookup(&self, hint: &KeyHint, keys: &KeySet) -> Option<KeyHint> {
        (*self == Self::Signature && !keys.names(hint)).then(|| hint.not(keys))
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        Self::Unreadable(error)
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::TooLong(error) => error.fmt(f),
            Self::Critical => f.write_str("the token demands an unknown extension"),
            Self::UnknownKey { kid: Some(kid) } => {
                write!(f, "the token names the unknown key {kid:?}")
            }
            Self::UnknownKey { kid: None } => {
                f.write_str("the token names no key, and none of the issuer's is for its algorithm")
            }
            Self::KeyUse { algorithm } => {
                write!(f, "the token names a key that is not for {algorithm}")
            }
            Self::Signature => f.write_str("the token's signature does not fit"),
        }
    }
}

impl std::error::Error for VerifyError {}

#[cfg(test)]
mod tests;
