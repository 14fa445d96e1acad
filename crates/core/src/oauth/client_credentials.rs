//! Tokens of machines, by the grant of client credentials (RFC 6749 §4.4).

use base64ct::{Base64, Encoding};
use form_urlencoded::byte_serialize;
use serde::{Deserialize, Serialize};

use super::{
    FormPost, Response,
    failure::TokenError,
    native_app::{Next, is_ample},
    token,
};
use crate::{Secret, Timestamp, bounds, claims::RawClaims, read, secret};

/// How long a token is taken to serve that does not say, in seconds.
const UNKNOWN_LIFETIME: u64 = 60;

/// A machine's name and secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineClient {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    pub secret: Secret,
    /// The scopes to ask for, separated by spaces; those of the client if `None`.
    pub scope: Option<String>,
}

/// How a client shows its secret (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// In the header `Authorization`, which every provider has to take.
    Basic,
    /// In the form.
    Post,
}

/// A machine's token, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineToken {
    /// Sent as `Authorization: Bearer`.
    #[serde(with = "secret::exposed")]
    pub bearer: Secret,
    received_at: Timestamp,
    /// When it ends, by this machine's clock.
    pub expires_at: Timestamp,
}

impl MachineClient {
    /// Builds the request for a token, and the value of its header `Authorization` if
    /// it has one.
    pub fn request(&self, url: &str, how: Authentication) -> (FormPost, Option<Secret>) {
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        if how == Authentication::Basic {
            let basic = basic(&self.client_id, &self.secret);
            return (FormPost::new(url, &fields), Some(basic));
        }
        fields.push(("client_id", &self.client_id));
        fields.push(("client_secret", self.secret.expose()));
        (FormPost::new(url, &fields), None)
    }
}

/// Accepts the answer to [`MachineClient::request`], received at `now`.
///
/// # Errors
/// If it has no access token.
pub fn accept(response: Response<'_>, now: Timestamp) -> Result<MachineToken, TokenError> {
    let success = token::read(response)?;
    let bearer = success.access_token.ok_or(TokenError::Malformed)?;
    bounds::check_token(bearer.expose()).map_err(TokenError::TooLong)?;
    let lifetime = success.expires_in;
    let lifetime = lifetime.or_else(|| stated_lifetime(&bearer, now));
    Ok(MachineToken {
        received_at: now,
        expires_at: now.plus(lifetime.unwrap_or(UNKNOWN_LIFETIME)),
        bearer,
    })
}

/// Whether a refusal may be one of the way in which the secret was shown.
pub fn may_be_of_authentication(error: &TokenError) -> bool {
    matches!(error, TokenError::Refused(code) if code == "invalid_client" || code == "status 401")
}

impl MachineToken {
    /// What becomes of it at `now`, by the rule of
    /// [`NativeSession::next`](super::native_app::NativeSession::next): it serves, or
    /// another is asked for.
    pub fn next(&self, is_rejected: bool, now: Timestamp) -> Next {
        let is_ample = is_ample(self.received_at, self.expires_at, now);
        if is_ample && self.serves(is_rejected, now) {
            Next::Serve
        } else {
            Next::Renew
        }
    }

    /// Whether it may be sent at `now`.
    pub fn serves(&self, is_rejected: bool, now: Timestamp) -> bool {
        !is_rejected && self.received_at <= now && now < self.expires_at
    }

    /// Writes the token in the clear.
    pub fn write(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads what [`write`](Self::write) wrote; `None` if it is something else.
    pub fn read(text: &str) -> Option<Self> {
        read::text(text)
    }
}

/// When a JWT says that it ends. No signature is checked: only the server that gets
/// the token believes it.
fn stated_lifetime(token: &Secret, now: Timestamp) -> Option<u64> {
    let algorithms = crate::algorithm::Algorithms::all();
    let claims = RawClaims::unverified(token.expose(), &algorithms).ok()?;
    Some(claims.exp.since(claims.iat.unwrap_or(now)))
}

/// The value of `Authorization` that shows a client's secret. Both halves are encoded
/// as in a form before they are joined (RFC 6749 §2.3.1).
pub fn basic(client_id: &str, secret: &Secret) -> Secret {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = [&encode(client_id), ":", &encode(secret.expose())].concat();
    Secret::new(format!(
        "Basic {}",
        Base64::encode_string(credentials.as_bytes())
    ))
}

#[cfg(test)]
mod tests;
