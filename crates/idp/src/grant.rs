use shell_core::{Timestamp, pkce};

use crate::{RefreshOutcome, Rotation, authorization::AuthorizationRequest, settings::fresh_id};

/// How long an authorization code can be exchanged, in seconds.
pub(crate) const CODE_LIFETIME: u64 = 5 * 60;

/// How long the login cookie signs in without asking, in seconds. Use does not
/// extend it.
pub(crate) const LOGIN_LIFETIME: u64 = 60 * 60;

/// A user typed the password: what the `cognito` cookie stands for.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) auth_time: Timestamp,
}

/// What an authorization code stands for. Taken out of the state by the one who
/// tries to exchange it, so not `Clone`.
pub(crate) struct Code {
    login: Login,
    redirect_uri: String,
    scopes: Vec<String>,
    nonce: Option<String>,
    challenge: Option<String>,
}

/// What all tokens of one sign-in share.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) login: Login,
    pub(crate) scopes: Vec<String>,
    pub(crate) origin_jti: String,
}

/// What a refresh token stands for.
#[derive(Debug)]
pub(crate) struct Refresh {
    pub(crate) grant: Grant,
    /// When it was first replaced, if refresh tokens rotate.
    pub(crate) replaced: Option<Timestamp>,
}

impl Code {
    pub(crate) fn new(request: AuthorizationRequest, login: Login) -> Self {
        Self {
            login,
            redirect_uri: request.redirect_uri,
            scopes: request.scopes,
            nonce: request.nonce,
            challenge: request.challenge,
        }
    }

    /// The grant and the nonce, if whoever presents the code also sent the
    /// right redirect URI and verifier.
    pub(crate) fn redeem(
        self,
        redirect_uri: &str,
        verifier: Option<&str>,
    ) -> Option<(Grant, Option<String>)> {
        let proved = match (&self.challenge, verifier) {
            (Some(challenge), Some(verifier)) => pkce::challenge(verifier) == *challenge,
            (Some(_), None) => false,
            // Proof that was never announced proves nothing (RFC 9700 §2.1.1).
            (None, verifier) => verifier.is_none(),
        };
        if !proved || redirect_uri != self.redirect_uri {
            return None;
        }
        let grant = Grant {
            login: self.login,
            scopes: self.scopes,
            origin_jti: fresh_id(),
        };
        Some((grant, self.nonce))
    }
}

impl Refresh {
    /// Uses it now, if refresh tokens rotate. Reuse does not extend the grace
    /// period.
    pub(crate) fn rotate(&mut self, rotation: Rotation, now: Timestamp) -> RefreshOutcome {
        match self.replaced {
            None => {
                self.replaced = Some(now);
                RefreshOutcome::Granted
            }
            Some(replaced) if now.since(replaced) < rotation.grace => RefreshOutcome::Reused,
            Some(_) => RefreshOutcome::ReusedLate,
        }
    }
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// With `openid` alone every attribute is readable; with other scopes, only
    /// theirs are.
    pub(crate) fn reads_email(&self) -> bool {
        self.has("email") || self.scopes == ["openid"]
    }
}
