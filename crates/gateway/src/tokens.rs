//! Tokens that programs show in place of a user's sign-in.
//!
//! 1. A token says whose it is and when it ends, sealed with a key that only
//!    gateways have: its bearer can neither read nor change that. Nothing is
//!    kept of it, so any gateway with the key knows it.
//! 2. It ends when its time is over, or with its key. What the user may do is
//!    decided anew for each request, by the groups of the time when it was
//!    issued.
//! 3. Gateways without a file of keys draw one at start, which ends with them.
//!
//! What is given up for that: no single token can be ended before its time.

mod keys;

use std::{fmt, path::PathBuf};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use shell_core::{Secret, Timestamp, claims::Claims};

pub use self::keys::{TokenKeys, TokenKeysError};

/// How each token begins, so that it is known for what it is where one is found.
const MARK: &str = "mlflow_";

/// The longest token, in characters. Servers take headers of 8 KB and more, and
/// a hundred groups with UUIDs for names come to 5 KB.
const LONGEST: usize = 7 * 1024;

/// `[tokens]`: what tokens for programs are made with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokensBy {
    /// The file of the keys that they are sealed with, for gateways that are to
    /// know each other's.
    pub key_file: Option<PathBuf>,
}

/// What is sealed. Short names: a token is sent with every request.
#[derive(Serialize, Deserialize)]
struct Sealed {
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

/// The user is in so many groups that a token would be longer than any header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Whether `token` is of the kind that is issued here.
pub(crate) fn is_ours(token: &str) -> bool {
    token.starts_with(MARK)
}

impl TokenKeys {
    /// Issues a token for the user of these claims that ends in `lifetime`
    /// seconds.
    ///
    /// # Errors
    /// If it would be too long.
    pub(crate) fn issue(
        &self,
        claims: &Claims,
        lifetime: u64,
        now: Timestamp,
    ) -> Result<Secret, TooLong> {
        let sealed = Sealed {
            issuer: claims.issuer.clone(),
            subject: claims.subject.clone(),
            name: claims.name.clone(),
            groups: claims.groups.clone(),
            ends_at: now.plus(lifetime).0,
        };
        let plain = serde_json::to_vec(&sealed).map_err(|_| TooLong)?;
        let sealed = self.seal(MARK.as_bytes(), plain).ok_or(TooLong)?;
        let token = [MARK, &BASE64.encode(sealed)].concat();
        let fits = token.len() <= LONGEST;
        fits.then(|| Secret::new(token)).ok_or(TooLong)
    }

    /// The claims of the user whose token this is, if it is one, and its time
    /// is not over.
    pub(crate) fn claims(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let text = token.strip_prefix(MARK)?;
        if token.len() > LONGEST {
            return None;
        }
        let sealed = BASE64.decode(text).ok()?;
        let plain = self.open(MARK.as_bytes(), &sealed)?;
        let Sealed {
            issuer,
            subject,
            name,
            groups,
            ends_at,
        } = serde_json::from_slice(&plain).ok()?;
        let expires_at = Timestamp(ends_at);
        (now < expires_at).then_some(Claims {
            issuer,
            subject,
            name,
            groups,
            issued_at: None,
            expires_at,
            nonce: None,
        })
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKeys([redacted])")
    }
}

#[cfg(test)]
mod tests;
