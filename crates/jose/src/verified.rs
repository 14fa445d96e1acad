use std::{collections::HashMap, fmt, sync::Arc};

use shell_core::{
    Timestamp,
    claims::{Claims, ClaimsError, Period},
    credentials::Reason,
    refusal::Problem,
};

use crate::{Issuer, KeyHint, KeySet, UnverifiedToken, VerifyError};

/// How many tokens are remembered at most. Each of a site's users has one, and
/// another every hour or so: those of 10,000 users have room.
pub const MOST_TOKENS: usize = 16_384;

/// How long they may be together, in bytes.
pub const MOST_TOKEN_BYTES: usize = 16 * 1024 * 1024;

/// Tokens that were verified before, so that a signature is checked once and not
/// with each of a page's requests: that takes fifty times as long as everything
/// else about a token.
///
/// What is found here was verified letter for letter, and what may change since
/// is checked each time, by [`Verified::claims`]: whether the keys are still
/// those, and the time. Neither a token that was refused nor one whose claims
/// were is ever here, so nobody fills the place who cannot sign in.
#[derive(Default)]
pub struct VerifiedTokens {
    tokens: HashMap<Box<str>, Arc<Verified>>,
    bytes: usize,
}

/// What a token says, and by which keys that was found.
#[derive(Debug)]
pub struct Verified {
    issuer: String,
    key: KeyHint,
    keys: KeySet,
    claims: Arc<Claims>,
    period: Period,
    leeway: u64,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Its signature was not verified.
    Token(VerifyError),
    /// What it says is not what is expected.
    Claims(ClaimsError),
}

impl VerifiedTokens {
    /// What is known of `token`.
    pub fn get(&self, token: &str) -> Option<Arc<Verified>> {
        self.tokens.get(token).cloned()
    }

    /// Remembers what was found of `token`. Where there is no room all others
    /// are forgotten: they are verified once more.
    pub fn keep(&mut self, token: &str, verified: Arc<Verified>) {
        if self.tokens.len() >= MOST_TOKENS || self.bytes + token.len() > MOST_TOKEN_BYTES {
            *self = Self::default();
        }
        if self.tokens.insert(token.into(), verified).is_none() {
            self.bytes += token.len();
        }
    }
}

impl Verified {
    /// Verifies `token` with `keys`, and checks that `issuer` issued it, and
    /// for us.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn new(
        token: &str,
        keys: KeySet,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let token = UnverifiedToken::read(token)?;
        let key = token.key_hint(&issuer.algorithms)?;
        let claims = token.verify(&key, &keys)?;
        Ok(Self {
            key,
            issuer: issuer.name.clone(),
            leeway: issuer.leeway,
            period: claims.period(),
            claims: Arc::new(issuer.check(&claims, now)?),
            keys,
        })
    }

    /// Who issued it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What it says of the key that signed it.
    pub fn key(&self) -> &KeyHint {
        &self.key
    }

    /// What it says, as long as it may: `None` if `keys`, the issuer's at this
    /// moment, are others than those it was verified with. The issuer may have
    /// withdrawn the one that signed it.
    ///
    /// # Errors
    /// If its time is over, or has not come.
    pub fn claims(
        &self,
        keys: &KeySet,
        now: Timestamp,
    ) -> Result<Option<Arc<Claims>>, ClaimsError> {
        if !self.keys.is(keys) {
            return Ok(None);
        }
        self.period.check(now, self.leeway)?;
        Ok(Some(self.claims.clone()))
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedTokens({})", self.tokens.len())
    }
}

impl From<VerifyError> for Refused {
    fn from(error: VerifyError) -> Self {
        Self::Token(error)
    }
}

impl From<ClaimsError> for Refused {
    fn from(error: ClaimsError) -> Self {
        Self::Claims(error)
    }
}

impl Refused {
    /// Why, as it is told, logged and counted.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Token(VerifyError::TooLong(_)) => Reason::TooLong,
            Self::Token(VerifyError::Unreadable(_)) => Reason::Malformed,
            Self::Token(_) => Reason::Unknown,
            Self::Claims(ClaimsError::Issuer) => Reason::Issuer,
            Self::Claims(ClaimsError::Use | ClaimsError::Client | ClaimsError::Presenter) => {
                Reason::Audience
            }
            Self::Claims(ClaimsError::Expired) => Reason::Expired,
            Self::Claims(ClaimsError::NotYetValid { .. }) => Reason::NotYetValid,
        }
    }

    /// What the sender of the token is told. The reason is for the log, but for
    /// what no new sign-in would change.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Token(VerifyError::TooLong(error)) => Problem::token_too_long(*error),
            Self::Claims(ClaimsError::NotYetValid { ahead }) => Problem::not_yet_valid(*ahead),
            Self::Token(_) | Self::Claims(_) => Problem::UNAUTHENTICATED,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Claims(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests;
