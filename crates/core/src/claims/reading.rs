//! Reading the claims of a token.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::{ParseError, UntrustedToken};
use serde_json::{Map, Value};

use super::RawClaims;
use crate::{
    Timestamp,
    algorithm::{AlgorithmError, Algorithms},
    json, read,
};

/// Why the claims of a token cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// Not three parts in base64url with a JSON header and JSON claims, each name
    /// once.
    Malformed,
    /// Encrypted (RFC 7516).
    Encrypted,
    /// Another token is inside (`cty`, RFC 7519 §5.2).
    Nested,
    /// Signed with an algorithm that is not taken.
    Algorithm(AlgorithmError),
    /// A claim is missing or of another kind.
    Claim(ClaimError),
}

/// A claim that is not what the standards say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimError {
    /// Its name.
    pub name: &'static str,
    /// What it has to be.
    pub wanted: &'static str,
}

/// How many dots the compact form of an encrypted token has.
const DOTS_OF_JWE: usize = 4;

/// The last number up to which fractions are read: others are no times.
const LATEST: f64 = 9_007_199_254_740_992.0;

const TEXT: &str = "a text";
const TIME: &str = "a time in seconds";

impl RawClaims {
    /// Reads the claims of a compact token without verifying its signature.
    ///
    /// It has one permitted use: a token that came straight from the token
    /// endpoint over TLS (OpenID Connect Core §3.1.3.7). Its algorithm is compared
    /// with those that the site takes, because the server that gets the token
    /// would refuse it.
    ///
    /// `jwt-compact` takes the token apart: three parts in base64url without
    /// padding, a header that is an object with a text under `alg` and no `cty` but
    /// `json`. Its own claims would be laxer than [`read`](Self::read) is: it takes
    /// negative times and none at all. So the payload is read here.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn unverified(token: &str, algorithms: &Algorithms) -> Result<Self, ReadError> {
        check_form(token)?;
        let parsed = UntrustedToken::new(token).map_err(|error| {
            if matches!(error, ParseError::UnsupportedContentType(_)) {
                ReadError::Nested
            } else {
                ReadError::Malformed
            }
        })?;
        algorithms.check(parsed.algorithm())?;
        let payload = token.split('.').nth(1).unwrap_or_default();
        let payload = Base64UrlUnpadded::decode_vec(payload).map_err(|_| ReadError::Malformed)?;
        let typ = parsed.header().token_type.clone();
        Ok(Self::parse(&payload)?.typed(typ))
    }

    /// Reads the text of a payload, in which no name may be there twice.
    ///
    /// # Errors
    /// If it is no JSON object, or as [`read`](Self::read).
    pub fn parse(payload: &[u8]) -> Result<Self, ReadError> {
        let text = std::str::from_utf8(payload).map_err(|_| ReadError::Malformed)?;
        match json::parse(text) {
            Ok(Value::Object(all)) => Ok(Self::read(all)?),
            _ => Err(ReadError::Malformed),
        }
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// If it lacks `iss`, `sub` or `exp`, or has a value of the wrong kind under a
    /// claim that is checked, so that no check is skipped for want of something to
    /// check.
    pub fn read(all: Map<String, Value>) -> Result<Self, ClaimError> {
        let stated = |name| all.get(name).filter(|value| !value.is_null());
        let text = |name| match stated(name) {
            None => Ok(None),
            Some(value) => Ok(Some(value.as_str().ok_or(wrong(name, TEXT))?.to_owned())),
        };
        let time = |name| match stated(name) {
            None => Ok(None),
            Some(value) => Ok(Some(numeric_date(value).ok_or(wrong(name, TIME))?)),
        };
        let aud = match stated("aud") {
            None => None,
            Some(aud) => {
                let read = read::value(aud.clone());
                Some(read.ok_or(wrong("aud", "a text or a list of texts"))?)
            }
        };
        Ok(Self {
            iss: text("iss")?.ok_or(wrong("iss", TEXT))?,
            sub: text("sub")?.ok_or(wrong("sub", TEXT))?,
            exp: time("exp")?.ok_or(wrong("exp", TIME))?,
            iat: time("iat")?,
            nbf: time("nbf")?,
            client_id: text("client_id")?,
            token_use: text("token_use")?,
            nonce: text("nonce")?,
            azp: text("azp")?,
            aud,
            typ: None,
            all,
        })
    }

    /// The same, from a token with this `typ` in its header.
    #[must_use]
    pub fn typed(self, typ: Option<String>) -> Self {
        Self { typ, ..self }
    }
}

/// Checks that a token is not an encrypted one.
///
/// # Errors
/// [`ReadError::Encrypted`].
pub fn check_form(token: &str) -> Result<(), ReadError> {
    let is_first_part = |part: &str| !part.is_empty() && !part.starts_with('{');
    let has_five = token.matches('.').count() == DOTS_OF_JWE;
    if has_five && token.split('.').next().is_some_and(is_first_part) {
        return Err(ReadError::Encrypted);
    }
    Ok(())
}

/// A time (RFC 7519 §2: `NumericDate`), which may have a fraction. It is cut off: a
/// token ends the sooner for it, and begins within any leeway.
fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_u64() {
        return Some(Timestamp(seconds));
    }
    let seconds = value.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is in the range of whole numbers"
    )]
    (0.0..=LATEST)
        .contains(&seconds)
        .then_some(Timestamp(seconds as u64))
}

fn wrong(name: &'static str, wanted: &'static str) -> ClaimError {
    ClaimError { name, wanted }
}

impl From<AlgorithmError> for ReadError {
    fn from(error: AlgorithmError) -> Self {
        Self::Algorithm(error)
    }
}

impl From<ClaimError> for ReadError {
    fn from(error: ClaimError) -> Self {
        Self::Claim(error)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a signed token",
            Self::Encrypted => {
                "the token is encrypted: this site takes tokens that are only signed"
            }
            Self::Nested => "the token has another token inside (`cty`)",
            Self::Algorithm(error) => return error.fmt(f),
            Self::Claim(error) => return error.fmt(f),
        })
    }
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, wanted } = self;
        write!(f, "the token's `{name}` is missing or is not {wanted}")
    }
}

impl std::error::Error for ReadError {}

impl std::error::Error for ClaimError {}
