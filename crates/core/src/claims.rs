//! Claims of a token whose origin is established.
//!
//! [`RawClaims`] come from a token whose signature `shell-jose` verified, or
//! straight from the token endpoint over TLS. [`check`](RawClaims::check)
//! turns them into [`Claims`]. The gateway alone makes claims in another way: from
//! an API token that it sealed itself after such a check. Rules, in order:
//!
//! 1. `iss` is the configured issuer, as a string.
//! 2. `token_use` is the configured kind of token. A token without one is an
//!    ID token if it has our `aud`, an access token if it has our `client_id`:
//!    only Cognito sends the claim.
//! 3. `aud` (ID token) or `client_id` (access token) is our app client.
//! 4. `exp` has not passed and `nbf` has come, with [`CLOCK_LEEWAY`].
//!
//! Unknown claims are ignored (RFC 7519 §4).

use std::{fmt, slice};

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::UntrustedToken;
use serde::Serialize;
use serde_json::{Map, Value};

pub use crate::read::OneOrMany as Audience;
use crate::{
    Config, Timestamp,
    config::{Bearer, Groups},
    json, read,
};

/// How far a server's clock may run beside the provider's, in seconds.
///
/// A token is accepted this much longer than its `exp` says, so the value is
/// a security invariant: enough for hosts kept by NTP, and no more.
pub const CLOCK_LEEWAY: u64 = 10;

/// Claims as they stand in the token.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RawClaims {
    /// `iss`
    pub iss: String,
    /// `sub`; any string (OpenID Connect Core §2).
    pub sub: String,
    /// `aud`, one or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// Cognito's app client in access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Cognito's `id` or `access`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_use: Option<String>,
    /// `exp`
    pub exp: Timestamp,
    /// `iat`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<Timestamp>,
    /// `nbf`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<Timestamp>,
    /// The `nonce` of the sign-in, in its ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// `email`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Cognito's user name in ID tokens.
    #[serde(rename = "cognito:username", skip_serializing_if = "Option::is_none")]
    pub cognito_username: Option<String>,
    /// Cognito's user name in access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// All of them, to find groups in.
    #[serde(skip)]
    pub(crate) all: Map<String, Value>,
}

/// What a token must say to be ours.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The configured issuer.
    pub issuer: &'a str,
    /// The configured app clients: `aud` of ID tokens, `client_id` of access
    /// tokens.
    pub client_ids: &'a [String],
    /// The configured APIs: `aud` of access tokens (RFC 9068 §3) of providers
    /// that do not say `client_id`. Never the app client's own name, which is
    /// what ID tokens have there.
    pub audiences: &'a [String],
    /// The configured kind of token.
    pub bearer: Bearer,
    /// How groups are found.
    pub groups: &'a Groups,
}

impl<'a> Expected<'a> {
    /// What the configured sign-in's bearers must say.
    pub fn of(config: &'a Config) -> Self {
        Self {
            issuer: &config.provider.issuer,
            client_ids: slice::from_ref(&config.provider.client_id),
            audiences: &[],
            bearer: config.bearer,
            groups: &config.provider.groups,
        }
    }
}

/// When a token's claims hold, by the provider's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    begins: Option<Timestamp>,
    ends: Timestamp,
}

/// Checked claims: who the user is, and until when the token says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who issued the token.
    pub issuer: String,
    /// The user, unique at the issuer.
    pub subject: String,
    /// What to call the user: e-mail address, else user name, else subject.
    pub name: String,
    /// The user's groups, in the token's order.
    pub groups: Vec<String>,
    /// When the token was issued, by the provider's clock.
    pub issued_at: Option<Timestamp>,
    /// When the token ends, by the provider's clock.
    pub expires_at: Timestamp,
    /// The `nonce`, if the token has one.
    pub nonce: Option<String>,
}

/// Why claims were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimsError {
    /// Issued by another issuer.
    Issuer,
    /// An access token where an ID token belongs, or the reverse.
    Use,
    /// Meant for another app client.
    Client,
    /// Past its `exp`.
    Expired,
    /// Before its `nbf`.
    NotYetValid,
    /// A claim that groups are read from is of another kind.
    Groups,
}

impl Period {
    /// Checks that `now` is within it, give or take [`CLOCK_LEEWAY`].
    ///
    /// # Errors
    /// If it is over, or has not begun.
    pub fn check(self, now: Timestamp) -> Result<(), ClaimsError> {
        if now >= self.ends.plus(CLOCK_LEEWAY) {
            return Err(ClaimsError::Expired);
        }
        if self
            .begins
            .is_some_and(|begins| now.plus(CLOCK_LEEWAY) < begins)
        {
            return Err(ClaimsError::NotYetValid);
        }
        Ok(())
    }
}

impl RawClaims {
    /// Reads the claims of a compact token without verifying its signature;
    /// `None` if `token` is not a JWT.
    ///
    /// It has one permitted use: a token that came straight from the token
    /// endpoint over TLS (OpenID Connect Core §3.1.3.7).
    ///
    /// `jwt-compact` takes the token apart: three parts in base64url without
    /// padding, a header that is an object with a text under `alg` (whichever:
    /// nothing is verified here) and no `cty` but `json`. Its own claims would be
    /// laxer than [`read`](Self::read) is: it cuts fractions off `exp`, `iat` and
    /// `nbf`, takes negative ones and none at all. So the payload is read here.
    pub fn unverified(token: &str) -> Option<Self> {
        UntrustedToken::new(token).ok()?;
        let payload = Base64UrlUnpadded::decode_vec(token.split('.').nth(1)?).ok()?;
        let payload = std::str::from_utf8(&payload).ok()?;
        Self::read(json::parse(payload).ok()?)
    }

    /// Reads a payload: `None` if it is no object, lacks `iss`, `sub` or `exp`,
    /// or has a value of the wrong kind under a claim that is read here, so that
    /// no check is skipped for want of something to check.
    pub fn read(payload: Value) -> Option<Self> {
        let Value::Object(all) = payload else {
            return None;
        };
        let mut claims = Self {
            iss: all.get("iss")?.as_str()?.to_owned(),
            sub: all.get("sub")?.as_str()?.to_owned(),
            exp: Timestamp(all.get("exp")?.as_u64()?),
            ..Self::default()
        };
        let stated = |name| all.get(name).filter(|value| !value.is_null());
        for (name, claim) in [
            ("client_id", &mut claims.client_id),
            ("token_use", &mut claims.token_use),
            ("nonce", &mut claims.nonce),
            ("email", &mut claims.email),
            ("cognito:username", &mut claims.cognito_username),
            ("username", &mut claims.username),
        ] {
            if let Some(value) = stated(name) {
                *claim = Some(value.as_str()?.to_owned());
            }
        }
        for (name, claim) in [("iat", &mut claims.iat), ("nbf", &mut claims.nbf)] {
            if let Some(value) = stated(name) {
                *claim = Some(Timestamp(value.as_u64()?));
            }
        }
        if let Some(value) = stated("aud") {
            claims.aud = Some(read::value(value.clone())?);
        }
        Some(Self { all, ..claims })
    }

    /// Checks these claims against what is expected at `now`.
    pub fn check(self, expected: Expected<'_>, now: Timestamp) -> Result<Claims, ClaimsError> {
        self.check_addressee(expected)?;
        self.period().check(now)?;
        self.into_claims(expected.groups)
    }

    /// When they hold.
    pub fn period(&self) -> Period {
        Period {
            begins: self.nbf,
            ends: self.exp,
        }
    }

    /// As [`check`](Self::check), for a token that came straight from the token
    /// endpoint: it is fresh whatever this machine's clock says.
    pub fn check_skipping_time(self, expected: Expected<'_>) -> Result<Claims, ClaimsError> {
        self.check_addressee(expected)?;
        self.into_claims(expected.groups)
    }

    fn check_addressee(&self, expected: Expected<'_>) -> Result<(), ClaimsError> {
        if self.iss != expected.issuer {
            return Err(ClaimsError::Issuer);
        }
        let stated = self.token_use.as_deref();
        let (wanted, addressed) = match expected.bearer {
            Bearer::Id => ("id", self.is_for(expected.client_ids)),
            Bearer::Access => {
                let client = self.client_id.as_ref();
                let is_from = client.is_some_and(|client| expected.client_ids.contains(client));
                ("access", is_from || self.is_for(expected.audiences))
            }
        };
        if stated.is_some_and(|stated| stated != wanted) {
            return Err(ClaimsError::Use);
        }
        if !addressed {
            return Err(ClaimsError::Client);
        }
        Ok(())
    }

    fn is_for(&self, audiences: &[String]) -> bool {
        match &self.aud {
            Some(Audience::One(one)) => audiences.contains(one),
            Some(Audience::Many(many)) => many.iter().any(|one| audiences.contains(one)),
            None => false,
        }
    }

    fn into_claims(self, groups: &Groups) -> Result<Claims, ClaimsError> {
        let groups = groups.of(&self.all).ok_or(ClaimsError::Groups)?;
        let name = self
            .email
            .or(self.cognito_username)
            .or(self.username)
            .unwrap_or_else(|| self.sub.clone());
        Ok(Claims {
            issuer: self.iss,
            subject: self.sub,
            name,
            groups,
            issued_at: self.iat,
            expires_at: self.exp,
            nonce: self.nonce,
        })
    }
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "the token was issued by someone else",
            Self::Use => "the token is of the wrong kind",
            Self::Client => "the token is meant for another application",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::Groups => "the token's groups cannot be read",
        })
    }
}

impl std::error::Error for ClaimsError {}

#[cfg(test)]
mod tests;
