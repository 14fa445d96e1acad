use std::fmt;

use jwt_compact::{
    AlgorithmExt, Empty, UntrustedToken, ValidationError,
    alg::{Rsa, StrongAlg},
};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use shell_core::claims::RawClaims;

use crate::{KeySet, json::parse_json};

/// The longest token that is looked at, in bytes.
///
/// A user's hundred groups, the most Cognito allows, fill half of it if their
/// names have sixty characters; few servers accept a longer header.
pub const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// The one algorithm, whatever a token's header says (RFC 8725 §3.1).
pub(crate) const RS256: StrongAlg<Rsa> = StrongAlg(Rsa::rs256());

/// Why a token was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// Not a signed token of bounded length with readable claims.
    Malformed,
    /// Signed with something other than RS256, or not at all.
    Algorithm,
    /// The header demands an extension (`crit`, RFC 7515 §4.1.11), and none is
    /// understood here.
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
    let (untrusted, kid) = parse(token)?;
    let key = keys.get(&kid).ok_or(VerifyError::UnknownKey { kid })?;
    RS256
        .validator::<Empty>(key)
        .validate(&untrusted)
        .map_err(|error| cause(&error))?;
    // Its signature has just been verified.
    RawClaims::unverified(token, parse_json).ok_or(VerifyError::Malformed)
}

/// Returns the name of the key that `token` claims to be signed with.
pub fn key_id(token: &str) -> Result<String, VerifyError> {
    parse(token).map(|(_, kid)| kid)
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

#[derive(Debug, Clone, Deserialize)]
struct Extensions {
    /// Whether it is there, be it `null`.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn parse(token: &str) -> Result<(UntrustedToken<'_, Extensions>, String), VerifyError> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(VerifyError::Malformed);
    }
    let untrusted =
        UntrustedToken::<Extensions>::try_from(token).map_err(|_| VerifyError::Malformed)?;
    if untrusted.algorithm() != "RS256" {
        return Err(VerifyError::Algorithm);
    }
    if untrusted.header().other_fields.crit {
        return Err(VerifyError::Critical);
    }
    let kid = untrusted.header().key_id.clone();
    Ok((untrusted, kid.ok_or(VerifyError::MissingKeyId)?))
}

fn cause(error: &ValidationError) -> VerifyError {
    if let ValidationError::MalformedClaims(_) = error {
        VerifyError::Malformed
    } else {
        VerifyError::Signature
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
