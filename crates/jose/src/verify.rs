use std::fmt;

use shell_core::{base64url, claims::RawClaims, json::Value};

use crate::{KeySet, json::parse_json};

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
        signed,
        signature,
    } = parse(token)?;
    let key = keys.get(&kid).ok_or(VerifyError::UnknownKey { kid })?;
    // The one algorithm, whatever a header says (RFC 8725 §3.1).
    if !key.verifies(signed.as_bytes(), &signature) {
        return Err(VerifyError::Signature);
    }
    // Its signature has just been verified.
    RawClaims::unverified(token, parse_json).ok_or(VerifyError::Malformed)
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
    parse(token)?;
    let claims = RawClaims::unverified(token, parse_json);
    claims
        .map(|claims| claims.iss)
        .ok_or(VerifyError::Malformed)
}

/// A token in the compact serialization (RFC 7515 §7.1).
struct Parts<'a> {
    /// The name of the key, from the header.
    kid: String,
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
    let decode = |part| base64url::decode(part).ok_or(VerifyError::Malformed);
    // Nobody looks for the key of a token without a payload.
    decode(payload)?;
    let signature = decode(signature)?;
    let (signed, _) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
    Ok(Parts {
        kid,
        signed,
        signature,
    })
}

/// Reads the name of the key from a header. The other fields are hints where a
/// key may be found, which nobody here follows, and words for people.
fn read_header(header: &str) -> Result<String, VerifyError> {
    let json = base64url::decode(header).and_then(|json| String::from_utf8(json).ok());
    let header = json.and_then(|json| parse_json(&json).ok());
    let Some(Value::Object(fields)) = header else {
        return Err(VerifyError::Malformed);
    };
    let field = |name: &str| fields.iter().find(|(field, _)| field == name);
    match field("alg") {
        Some((_, Value::Text(name))) if name == "RS256" => (),
        Some((_, Value::Text(_))) => return Err(VerifyError::Algorithm),
        _ => return Err(VerifyError::Malformed),
    }
    if EXTENSIONS.into_iter().any(|name| field(name).is_some()) {
        return Err(VerifyError::Critical);
    }
    match field("kid") {
        Some((_, Value::Text(kid))) => Ok(kid.clone()),
        Some(_) => Err(VerifyError::Malformed),
        None => Err(VerifyError::MissingKeyId),
    }
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
