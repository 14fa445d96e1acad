//! API tokens: what programs send in place of a user's sign-in.
//!
//! 1. A token has its id, its user and its expiry, sealed with a key that only
//!    gateways have: its bearer can neither read nor change that. Any gateway with
//!    the key knows it.
//! 2. It ends when its time is over, or with its key. What the user may do is
//!    decided anew for each request, by the groups of the time when it was
//!    issued.
//! 3. Where the settings name no file of keys, one is made in the state folder
//!    ([`state_folder`]); where there is none, a key is drawn at start, which ends
//!    with the process.
//! 4. A gateway with a list of tokens ([`registry`]) takes those with an id only if
//!    they are in it and not revoked. Tokens of earlier versions have no id: they
//!    are good until they end.

mod keys;
pub(crate) mod registry;
pub(crate) mod state_folder;

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use shell_core::{
    Secret, Timestamp,
    claims::Claims,
    credentials::{API_TOKEN_PREFIX, Reason},
};

pub(crate) use self::keys::SealingKeys;
pub use self::keys::{TokenKeys, TokenKeysError};

/// How each token begins.
const PREFIX: &str = API_TOKEN_PREFIX;

/// The longest token, in characters. Servers take headers of 8 KB and more, and
/// a hundred groups with UUIDs for names come to 5 KB.
const MAX_LENGTH: usize = 7 * 1024;

/// What is sealed. Short names: a token is sent with every request.
#[derive(Serialize, Deserialize)]
struct TokenPayload {
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "i")]
    issuer: String,
    #[serde(rename = "s")]
    subject: String,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "g")]
    groups: Vec<String>,
    #[serde(rename = "e")]
    ends_at: u64,
}

/// A token whose seal was opened, and whose time is not over.
#[derive(Debug, PartialEq)]
pub(crate) struct OpenedToken {
    /// Its id; tokens of earlier versions have none.
    pub(crate) id: Option<String>,
    pub(crate) claims: Claims,
}

/// Draws the id of a token; `None` if the system has no randomness.
pub(crate) fn draw_id() -> Option<String> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// The user is in so many groups that a token would be longer than any header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

impl TokenKeys {
    /// Issues a token with this id for the user of these claims that ends in
    /// `lifetime` seconds.
    ///
    /// # Errors
    /// If it would be too long.
    pub(crate) fn issue(
        &self,
        claims: &Claims,
        id: &str,
        lifetime: u64,
        now: Timestamp,
    ) -> Result<Secret, TooLong> {
        let sealed = TokenPayload {
            id: Some(id.to_owned()),
            issuer: claims.issuer.clone(),
            subject: claims.subject.clone(),
            name: claims.name.clone(),
            groups: claims.groups.clone(),
            ends_at: now.plus(lifetime).0,
        };
        let plain = serde_json::to_vec(&sealed).map_err(|_| TooLong)?;
        let sealed = self
            .api_tokens()
            .seal(PREFIX.as_bytes(), plain)
            .ok_or(TooLong)?;
        let token = [PREFIX, &BASE64.encode(sealed)].concat();
        let fits = token.len() <= MAX_LENGTH;
        fits.then(|| Secret::new(token)).ok_or(TooLong)
    }

    /// The claims of the user whose token this is, if it is one, and its time
    /// is not over.
    ///
    /// # Errors
    /// With why not. Only a token that opens is told more than that it is of no
    /// key of this gateway's.
    pub(crate) fn open(&self, token: &str, now: Timestamp) -> Result<OpenedToken, Reason> {
        let text = token.strip_prefix(PREFIX).ok_or(Reason::Malformed)?;
        if token.len() > MAX_LENGTH {
            return Err(Reason::Malformed);
        }
        let sealed = BASE64.decode(text).map_err(|_| Reason::Malformed)?;
        let plain = self.api_tokens().open(PREFIX.as_bytes(), &sealed);
        let plain = plain.ok_or(Reason::Unknown)?;
        let TokenPayload {
            id,
            issuer,
            subject,
            name,
            groups,
            ends_at,
        } = serde_json::from_slice(&plain).map_err(|_| Reason::Unknown)?;
        let expires_at = Timestamp(ends_at);
        if now >= expires_at {
            return Err(Reason::Expired);
        }
        let claims = Claims {
            issuer,
            subject,
            name,
            groups,
            groups_error: None,
            issued_at: None,
            expires_at,
            nonce: None,
        };
        Ok(OpenedToken { id, claims })
    }

    /// The claims of the user whose token this is, if it is one, and is neither over
    /// nor revoked.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Reason> {
        let OpenedToken { id, claims } = self.open(token, now)?;
        if let (Some(registry), Some(id)) = (self.registry(), id) {
            registry.check(&id).await?;
        }
        Ok(claims)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKeys([redacted])")
    }
}

#[cfg(test)]
mod tests;
