//! Claims of a token whose origin is established.
//!
//! [`RawClaims`] come from a token whose signature `shell-jose` verified, or
//! straight from the token endpoint over TLS. [`check`](RawClaims::check)
//! turns them into [`Claims`]. The gateway alone makes claims in another way: from
//! an API token that it sealed itself after such a check. Rules, in order:
//!
//! 1. `iss` is the configured issuer, as a string.
//! 2. `token_use` is the configured kind of token, and so is an explicit `typ`
//!    (RFC 8725 §3.11): `at+jwt` is an access token, any other `…+jwt` is neither
//!    kind. A token that says nothing is an ID token if it has our `aud`, an access
//!    token if it has our `client_id`: only Cognito sends `token_use`.
//! 3. `aud` (ID token) or `client_id` (access token) is our app client. An ID token
//!    for several audiences was issued to us, if it says to whom (`azp`, OpenID
//!    Connect Core §3.1.3.7).
//! 4. `exp` has not passed and `nbf` has come, with the configured leeway.
//!
//! Unknown claims are ignored (RFC 7519 §4). `docs/TOKENS.md` has each form that the
//! standards leave open, and what becomes of it.

mod kind;
mod period;
mod reading;

use std::{fmt, slice};

use serde::Serialize;
use serde_json::{Map, Value};

pub use self::{
    period::Period,
    reading::{ClaimError, ReadError, check_form},
};
pub use crate::read::OneOrMany as Audience;
use crate::{
    Config, Timestamp,
    config::{Bearer, Groups, GroupsError, NameClaims},
};

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
    /// To whom an ID token was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// The header's `typ`.
    #[serde(skip)]
    typ: Option<String>,
    /// All of them, to find groups and names in.
    #[serde(skip)]
    all: Map<String, Value>,
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
    /// Which claim is the user's name.
    pub names: &'a NameClaims,
    /// How far the clocks may differ, in seconds.
    pub leeway: u64,
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
            names: &config.provider.name_claims,
            leeway: config.provider.clock_leeway,
        }
    }
}

/// Checked claims: who the user is, and until when the token says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who issued the token.
    pub issuer: String,
    /// The user, unique at the issuer.
    pub subject: String,
    /// What to call the user, by [`NameClaims`]; else the subject.
    pub name: String,
    /// The user's groups, in the token's order.
    pub groups: Vec<String>,
    /// Why the groups cannot be read, if so: then there are none.
    pub groups_error: Option<GroupsError>,
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
    /// Meant for several applications, and issued to another one.
    Presenter,
    /// Past its `exp`.
    Expired,
    /// Before its `nbf`, leeway included.
    NotYetValid {
        /// How many seconds before it.
        ahead: u64,
    },
}

impl RawClaims {
    /// Checks these claims against what is expected at `now`.
    pub fn check(self, expected: Expected<'_>, now: Timestamp) -> Result<Claims, ClaimsError> {
        self.check_addressee(expected)?;
        self.period().check(now, expected.leeway)?;
        Ok(self.into_claims(expected))
    }

    /// When they hold.
    pub fn period(&self) -> Period {
        Period::new(self.nbf, self.exp)
    }

    /// As [`check`](Self::check), for a token that came straight from the token
    /// endpoint: it is fresh whatever this machine's clock says.
    pub fn check_skipping_time(self, expected: Expected<'_>) -> Result<Claims, ClaimsError> {
        self.check_addressee(expected)?;
        Ok(self.into_claims(expected))
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
        if stated.is_some_and(|stated| stated != wanted) || !self.may_be(expected.bearer) {
            return Err(ClaimsError::Use);
        }
        if !addressed {
            return Err(ClaimsError::Client);
        }
        if expected.bearer == Bearer::Id && self.is_of_other_presenter(expected.client_ids) {
            return Err(ClaimsError::Presenter);
        }
        Ok(())
    }

    /// Whether it is for several audiences, and was issued to another of them. One
    /// audience says enough: Google has a token's only audience and its presenter
    /// differ where an application asks for a token for its server.
    fn is_of_other_presenter(&self, client_ids: &[String]) -> bool {
        let is_for_several = matches!(&self.aud, Some(Audience::Many(all)) if all.len() > 1);
        let presenter = self.azp.as_ref();
        is_for_several && presenter.is_some_and(|azp| !client_ids.contains(azp))
    }

    fn is_for(&self, audiences: &[String]) -> bool {
        match &self.aud {
            Some(Audience::One(one)) => audiences.contains(one),
            Some(Audience::Many(many)) => many.iter().any(|one| audiences.contains(one)),
            None => false,
        }
    }

    fn into_claims(self, expected: Expected<'_>) -> Claims {
        let (groups, groups_error) = match expected.groups.of(&self.all) {
            Ok(groups) => (groups, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let name = expected.names.of(&self.all).unwrap_or(&self.sub).to_owned();
        Claims {
            issuer: self.iss,
            subject: self.sub,
            name,
            groups,
            groups_error,
            issued_at: self.iat,
            expires_at: self.exp,
            nonce: self.nonce,
        }
    }
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "the token was issued by someone else",
            Self::Use => "the token is of the wrong kind",
            Self::Client => "the token is meant for another application",
            Self::Presenter => "the token was issued to another application (`azp`)",
            Self::Expired => "the token has expired",
            Self::NotYetValid { ahead } => return not_yet_valid(*ahead, f),
        })
    }
}

fn not_yet_valid(ahead: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "the token is not valid for another {ahead} s by the clock of this machine, which is \
         behind the provider's"
    )
}

impl std::error::Error for ClaimsError {}

#[cfg(test)]
mod tests;
