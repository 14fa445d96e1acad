//! Where a program's token may be, and why one is refused.
//!
//! 1. In `Authorization: Bearer` (RFC 6750 §2.1).
//! 2. In `Authorization: Basic` (RFC 7617), as the password of any name: MLflow's
//!    client sends a name and password in place of a token wherever it finds both,
//!    and its judges send nothing else. Browsers keep names and passwords and add
//!    them to what another site begins, so a browser's are refused.
//! 3. For MLflow's AI gateway also in `x-api-key` (Anthropic), `x-goog-api-key`
//!    (Gemini) and `api-key` (Azure `OpenAI`), where the clients of these have their
//!    `api_key`. [`forwarding`](crate::forwarding) lets none of them reach MLflow,
//!    which would send them on to the provider of the model.
//! 4. Never in an address, which ends up in logs, MLflow's among them: not even beside
//!    one of the places above.
//! 5. Several that are the same are one; of several that differ, none counts.
//!
//! Pages have theirs in `Authorization: Bearer`, and nowhere else.

use base64ct::{Base64, Encoding};

use crate::{Secret, bearer, query};

/// How each token begins that a gateway issues, so that it is known for what it is
/// where one is found.
pub const API_TOKEN_PREFIX: &str = "mlflow_";

/// First segment of the AI gateway's paths on a server.
const AI_GATEWAY: &str = "/gateway/";

/// Where clients of models have their key.
pub const API_KEYS: [&str; 3] = ["x-api-key", "x-goog-api-key", "api-key"];

/// What MLflow's client sends as key where it has no credentials (MLflow 3.18,
/// `genai/utils/gateway_utils.py`).
const PLACEHOLDER: &str = "mlflow-gateway-auth";

/// What a request says besides its headers.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The path on a server's side, undecoded.
    pub path: &'a str,
    /// The query, without its `?`.
    pub query: &'a str,
    /// Whether a header says that a browser sends it
    /// ([`Initiator::is_browser`](crate::initiator::Initiator::is_browser)).
    pub is_browser: bool,
}

/// Why a request has no user: what is told, logged and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is no token.
    Missing,
    /// It has not the form of a token.
    Malformed,
    /// No key of this gateway, or of the issuer that it names, made it.
    Unknown,
    /// Another issuer than the configured ones.
    Issuer,
    /// For another application, or of another kind.
    Audience,
    /// Past its end.
    Expired,
    /// Before its time.
    NotYetValid,
    /// Revoked before its end.
    Revoked,
    /// Longer than any that is looked at.
    TooLong,
    /// A password in its place.
    Password,
    /// A name and password, of a browser.
    Browser,
    /// Several that differ.
    Conflict,
    /// In the address.
    Address,
    /// A token for programs where pages call.
    Path,
    /// The site serves no programs.
    Off,
    /// It cannot be checked now.
    Unverifiable,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Missing,
        Self::Malformed,
        Self::Unknown,
        Self::Issuer,
        Self::Audience,
        Self::Expired,
        Self::NotYetValid,
        Self::Revoked,
        Self::TooLong,
        Self::Password,
        Self::Browser,
        Self::Conflict,
        Self::Address,
        Self::Path,
        Self::Off,
        Self::Unverifiable,
    ];

    /// Its name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Revoked => "revoked",
            Self::TooLong => "too_long",
            Self::Password => "password",
            Self::Browser => "browser",
            Self::Conflict => "conflict",
            Self::Address => "address",
            Self::Path => "path",
            Self::Off => "off",
            Self::Unverifiable => "unverifiable",
        }
    }

    /// The error code of RFC 6750 §3.1; none if there were no credentials, as it
    /// demands.
    pub fn error(self) -> Option<&'static str> {
        match self {
            Self::Missing | Self::Off | Self::Unverifiable => None,
            Self::Conflict | Self::Address => Some("invalid_request"),
            Self::Malformed
            | Self::Unknown
            | Self::Issuer
            | Self::Audience
            | Self::Expired
            | Self::NotYetValid
            | Self::Revoked
            | Self::TooLong
            | Self::Password
            | Self::Browser
            | Self::Path => Some("invalid_token"),
        }
    }
}

/// The token of a program whose request has these headers.
///
/// # Errors
/// With why there is none.
pub fn of_program<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    sender: Sender<'_>,
) -> Result<Secret, Reason> {
    let is_for_models = is_for_models(sender.path);
    if is_for_models && query::get(sender.query, "key").is_some() {
        return Err(Reason::Address);
    }
    let mut found = None;
    for (name, value) in headers {
        let token = match name {
            "authorization" => authorization(value, sender.is_browser)?,
            _ if is_for_models && API_KEYS.contains(&name) => Some(api_key(value)?),
            _ => None,
        };
        let Some(token) = token else { continue };
        if found.as_ref().is_some_and(|other| *other != token) {
            return Err(Reason::Conflict);
        }
        found = Some(token);
    }
    let token = found.ok_or(Reason::Missing)?;
    if has_form_of_token(token.expose()) && sender.query.contains(token.expose()) {
        return Err(Reason::Address);
    }
    Ok(token)
}

/// Whether a path on a server is of MLflow's AI gateway.
pub fn is_for_models(path: &str) -> bool {
    path.starts_with(AI_GATEWAY)
}

/// Whether a token is of the kind that a gateway issues.
pub fn is_api_token(token: &str) -> bool {
    token.starts_with(API_TOKEN_PREFIX)
}

fn authorization(value: &[u8], is_browser: bool) -> Result<Option<Secret>, Reason> {
    let value = text(value)?;
    if let Some(token) = bearer::token(value) {
        return Ok((token != PLACEHOLDER).then(|| Secret::new(token)));
    }
    let basic = value
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    match basic {
        Some(_) if is_browser => Err(Reason::Browser),
        Some((_, encoded)) => password(encoded.trim()).map(Some),
        None => Err(Reason::Malformed),
    }
}

/// The token that a password is (RFC 7617 §2: after the first colon).
fn password(encoded: &str) -> Result<Secret, Reason> {
    let decoded = Base64::decode_vec(encoded).map_err(|_| Reason::Malformed)?;
    let decoded = String::from_utf8(decoded).map_err(|_| Reason::Password)?;
    let (_, password) = decoded.split_once(':').ok_or(Reason::Malformed)?;
    if has_form_of_token(password) {
        Ok(Secret::new(password))
    } else {
        Err(Reason::Password)
    }
}

fn api_key(value: &[u8]) -> Result<Secret, Reason> {
    text(value).map(Secret::new)
}

fn text(value: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(value)
        .map(str::trim)
        .map_err(|_| Reason::Malformed)
}

/// Whether a text is a token of a gateway, or looks like a signed one, which has
/// three parts and begins with `{"` in base64 (RFC 7515 §7.1).
fn has_form_of_token(text: &str) -> bool {
    is_api_token(text) || (text.starts_with("ey") && text.split('.').count() == 3)
}

#[cfg(test)]
mod tests;
