use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use shell_core::{claims::RawClaims, json};

use crate::KeySet;

/// The longest token that is looked at, in bytes.
///
/// A user's hundred groups, the most Cognito allows, fill half of it if their
/// names have sixty characters; few servers accept a longer header.
pub const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// Why a token was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// Not a signed token of bounded length with readable claims.
    Malformed,
    /// Signed with something other than RS256, or not at all.
    Algorithm,
    /// The header demands an extension (`crit`, RFC 7515 §4.1.11, or one that
    /// changes how the token is read), and none is understood here.
    Critical,
    /// The header does not name a key.
    MissingKeyId,
    /// The header names a key that the set does not have. Ask
    /// [`KeyCache`](crate::KeyCache) whether to load the set again.
    UnknownKey {
        /// The name, as the token has it.
        kid: String,
    },
    /// The named key did not sign this token.
    Signature,
}

/// Verifies the signature of `token` and returns what it says.
///
/// The claims are authentic, and no more: whether they are current and meant
/// for us is [`RawClaims::check`].
pub fn verify(token: &str, keys: &KeySet) -> Result<RawClaims, VerifyError> {
    let Parts {
        kid,
        payload,
        signed,
        signature,
    } = parse(token)?;
    let key = keys.get(&kid).ok_or(VerifyError::UnknownKey { kid })?;
    // The one algorithm, whatever a header says (RFC 8725 §3.1).
    if !key.verifies(signed.as_bytes(), &signature) {
        return Err(VerifyError::Signature);
    }
    read_claims(&payload)
}

/// Returns the name of the key that `token` claims to be signed with.
pub fn key_id(token: &str) -> Result<String, VerifyError> {
    parse(token).map(|parts| parts.kid)
}

/// Returns the issuer that `token` claims to come from, to choose among
/// configured issuers by. Nothing has vouched for it.
///
/// # Errors
/// As [`verify`], short of the signature.
pub fn unverified_issuer(token: &str) -> Result<String, VerifyError> {
    let claims = read_claims(&parse(token)?.payload)?;
    Ok(claims.iss)
}

/// Reads the claims with the parser that refuses a name given twice.
fn read_claims(payload: &[u8]) -> Result<RawClaims, VerifyError> {
    let read = || RawClaims::read(json::parse(std::str::from_utf8(payload).ok()?).ok()?);
    read().ok_or(VerifyError::Malformed)
}

/// A token in the compact serialization (RFC 7515 §7.1).
struct Parts<'a> {
    /// The name of the key, from the header.
    kid: String,
    payload: Vec<u8>,
    /// Header and payload, as they were signed.
    signed: &'a str,
    signature: Vec<u8>,
}

/// What changes how a token is to be read; none of it is understood here.
/// `b64` and `zip` count whether or not `crit` lists them, because they would
/// give one signed text two meanings (RFC 7797 §6, RFC 7516 §4.1.3).
const EXTENSIONS: [&str; 4] = ["crit", "b64", "zip", "enc"];

fn parse(token: &str) -> Result<Parts<'_>, VerifyError> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(VerifyError::Malformed);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else {
        return Err(VerifyError::Malformed);
    };
    let kid = read_header(header)?;
    // The key of a token without a payload is not looked for.
    let payload = decode(payload)?;
    let signature = decode(signature)?;
    let (signed, _) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
    Ok(Parts {
        kid,
        payload,
        signed,
        signature,
    })
}

/// Reads the name of the key from a header. The other fields are hints where a
/// key may be found, which is not followed here, and texts for people.
fn read_header(header: &str) -> Result<String, VerifyError> {
    let json = String::from_utf8(decode(header)?).map_err(|_| VerifyError::Malformed)?;
    let Ok(Value::Object(header)) = json::parse(&json) else {
        return Err(VerifyError::Malformed);
    };
    match header.get("alg") {
        Some(Value::String(name)) if name == "RS256" => (),
        Some(Value::String(_)) => return Err(VerifyError::Algorithm),
        _ => return Err(VerifyError::Malformed),
    }
    if EXTENSIONS.into_iter().any(|name| header.contains_key(name)) {
        return Err(VerifyError::Critical);
    }
    match header.get("kid") {
        Some(Value::String(kid)) => Ok(kid.clone()),
        Some(_) => Err(VerifyError::Malformed),
        None => Err(VerifyError::MissingKeyId),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, VerifyError> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| VerifyError::Malformed)
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("not a signed token"),
            Self::Algorithm => f.write_str("the token is not signed with RS256"),
            Self::Critical => f.write_str("the token demands an unknown extension"),
            Self::MissingKeyId => f.write_str("the token names no key"),
            Self::UnknownKey { kid } => write!(f, "the token names the unknown key {kid:?}"),
            Self::Signature => f.write_str("the token's signature does not fit"),
        }
    }
}

impl std::error::Error for VerifyError {}

#[cfg(test)]
mod tests;
