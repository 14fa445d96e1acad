//! Signing in on another device (OAuth 2.0 Device Authorization Grant, RFC 8628).

use std::fmt;

use serde::Deserialize;

use super::{FormPost, Grant, Response, failure::TokenError, token};
use crate::{Config, Origin, Secret, Timestamp, read, secret};

/// How long to wait between two questions unless the provider says, in seconds
/// (RFC 8628 §3.2), and by how much longer after each `slow_down` (§3.5).
const INTERVAL: u64 = 5;

/// The longest pause between two questions, in seconds.
const LONGEST_INTERVAL: u64 = 60;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A sign-in that waits for its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAuthorization {
    device_code: Secret,
    /// What the user types in there. It is shown.
    pub user_code: String,
    /// Where: a URL.
    pub verification_uri: String,
    /// The same with the code in it, if the provider has one.
    pub verification_uri_complete: Option<String>,
    /// When it is over.
    pub ends_at: Timestamp,
    /// Seconds to wait before each question.
    pub interval: u64,
}

/// RFC 8628 §3.2.
#[derive(Deserialize)]
struct Answer {
    #[serde(with = "secret::exposed")]
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    verification_uri_complete: Option<String>,
    expires_in: u64,
    #[serde(default)]
    interval: Option<u64>,
}

/// What became of a question.
#[derive(Debug)]
pub enum Polled {
    /// The user has signed in.
    Granted(Box<Grant>),
    /// Not yet: wait and ask again.
    Waiting,
}

/// Why there is no sign-in on another device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceError {
    /// The user did not sign in in time.
    Expired,
    /// The user, or the provider, said no.
    Denied,
    /// Anything else.
    Token(TokenError),
}

/// Builds the request that begins a sign-in at the provider's
/// `device_authorization_endpoint`.
pub fn begin(endpoint: &str, config: &Config) -> FormPost {
    let fields = [
        ("client_id", config.provider.client_id.as_str()),
        ("scope", &config.provider.scopes.join(" ")),
    ];
    FormPost::new(endpoint, &fields)
}

/// Accepts the answer to [`begin`], received at `now`.
///
/// # Errors
/// If the provider refuses, or names no address that may be shown.
pub fn accept(response: Response<'_>, now: Timestamp) -> Result<DeviceAuthorization, TokenError> {
    if response.status != 200 {
        return Err(token::refusal(response));
    }
    let answer: Answer = read::text(response.body).ok_or(TokenError::Malformed)?;
    let is_shown = |url: &String| {
        Origin::of_url(url).is_ok() && url.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let is_code = answer.user_code.chars().all(|sign| !sign.is_control());
    if !is_shown(&answer.verification_uri) || !is_code {
        return Err(TokenError::Malformed);
    }
    Ok(DeviceAuthorization {
        device_code: answer.device_code,
        user_code: answer.user_code,
        verification_uri: answer.verification_uri,
        verification_uri_complete: answer.verification_uri_complete.filter(is_shown),
        ends_at: now.plus(answer.expires_in),
        interval: answer
            .interval
            .unwrap_or(INTERVAL)
            .clamp(1, LONGEST_INTERVAL),
    })
}

impl DeviceAuthorization {
    /// Builds the question whether the user has signed in.
    pub fn poll(&self, config: &Config) -> FormPost {
        token::post(
            config,
            &[
                ("grant_type", GRANT_TYPE),
                ("device_code", self.device_code.expose()),
                ("client_id", &config.provider.client_id),
            ],
        )
    }

    /// Accepts the answer to [`poll`](Self::poll), received at `now`, or that there was
    /// none. A provider that is away, or busy, is asked less often.
    ///
    /// # Errors
    /// If nothing can come of it any more. There is no nonce to check (RFC 8628 has no
    /// authorization request).
    pub fn polled(
        &mut self,
        response: Result<Response<'_>, TokenError>,
        config: &Config,
        now: Timestamp,
    ) -> Result<Polled, DeviceError> {
        let answer = response.and_then(|response| token::read_first(response, config));
        let error = match answer {
            Ok((success, claims)) => {
                let grant = token::first_grant(success, claims, config, now)?;
                return Ok(Polled::Granted(Box::new(grant)));
            }
            Err(error) => error,
        };
        self.pause_after(&error)?;
        if now >= self.ends_at {
            return Err(DeviceError::Expired);
        }
        Ok(Polled::Waiting)
    }

    /// Waits longer if the provider wants it so (RFC 8628 §3.5).
    fn pause_after(&mut self, error: &TokenError) -> Result<(), DeviceError> {
        let interval = match error {
            TokenError::Refused(code) => match code.as_str() {
                "authorization_pending" => self.interval,
                "slow_down" => self.interval.saturating_add(INTERVAL),
                "expired_token" => return Err(DeviceError::Expired),
                "access_denied" => return Err(DeviceError::Denied),
                _ => return Err(error.clone().into()),
            },
            TokenError::Unreachable | TokenError::Throttled | TokenError::Unavailable => {
                self.interval.saturating_mul(2)
            }
            TokenError::Unreadable
            | TokenError::Malformed
            | TokenError::MissingIdToken
            | TokenError::UnreadableToken(_)
            | TokenError::TooLong(_)
            | TokenError::Claims(_)
            | TokenError::Nonce
            | TokenError::Subject => return Err(error.clone().into()),
        };
        self.interval = interval.min(LONGEST_INTERVAL);
        Ok(())
    }
}

impl From<TokenError> for DeviceError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the code was not used in time"),
            Self::Denied => f.write_str("the sign-in was denied"),
            Self::Token(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DeviceError {}

#[cfg(test)]
mod tests;
