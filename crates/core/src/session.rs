//! The life of a sign-in, from the returned code to the last request.
//!
//! ```text
//!               Redeem                  Issued
//!  ┌───────────┐ ───▶ ┌────────────┐ ─────────▶ ┌──────────┐
//!  │ SignedOut │      │ Exchanging │            │ SignedIn │
//!  └───────────┘ ◀─── └────────────┘ ◀───────── └──────────┘
//!        ▲     Failed                   Redeem       │
//!        └───────────────────────────────────────────┘
//!                 Rejected, Expired, SignOut
//! ```
//!
//! A state exists only where the program may stop and be woken again. Before
//! the return there is no session, only a
//! [`Transaction`](crate::oauth::authorization::Transaction) waiting in
//! storage, so that any number of tabs may be at the hosted login at once.

use crate::{
    Secret, Timestamp,
    intercept::Clearance,
    oauth::token::{Grant, User},
};

/// Where the user stands with the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// No one is signed in; `Some` if a session ended by itself.
    SignedOut(Option<Ending>),
    /// A code is being spent. Requests still carry the grant there was before.
    Exchanging(Option<Grant>),
    /// Requests carry this grant's bearer.
    SignedIn(Grant),
}

/// Why a session ended without the user asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The token's time is over.
    Expired,
    /// The server no longer accepts the token.
    Rejected,
}

/// Something that happened to the session.
#[derive(Debug)]
pub enum Event {
    /// A code is about to be spent.
    Redeem,
    /// The token endpoint issued a grant.
    Issued(Grant),
    /// The exchange did not lead to a grant.
    Failed,
    /// The server answered 401 to a request that carried this bearer.
    Rejected(Secret),
    /// Time has passed.
    Tick,
    /// The user asked to sign out.
    SignOut,
}

/// What the caller must now do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Revoke this refresh token.
    Revoke(Secret),
}

/// What pages are told. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Sign in to go on.
    SignedOut(Option<Ending>),
    /// A sign-in is being completed.
    SigningIn,
    /// Requests carry a token.
    SignedIn(User),
}

impl Session {
    /// Returns the session after `event`, and what to do about it.
    ///
    /// Every pair of state and event has an answer; an event that does not
    /// apply leaves the session as it was. Signing out is valid everywhere,
    /// and a grant that arrives after it is revoked rather than used.
    #[must_use]
    pub fn on(self, event: Event, now: Timestamp) -> (Self, Option<Action>) {
        use Event as E;
        use Session as S;

        match (self, event) {
            (S::SignedOut(_), E::Redeem) => (S::Exchanging(None), None),
            (S::SignedIn(grant), E::Redeem) => (S::Exchanging(Some(grant)), None),

            (S::Exchanging(before), E::Issued(grant)) => {
                (S::SignedIn(grant), before.and_then(revocation))
            }
            (S::SignedOut(ending), E::Issued(late)) => (S::SignedOut(ending), revocation(late)),
            (S::SignedIn(before), E::Issued(grant)) => (S::SignedIn(grant), revocation(before)),

            (S::Exchanging(None), E::Failed) => (S::SignedOut(None), None),
            (S::Exchanging(Some(before)), E::Failed) => (S::SignedIn(before), None),

            (S::SignedIn(grant), E::Rejected(bearer)) if bearer == grant.bearer => {
                (S::SignedOut(Some(Ending::Rejected)), None)
            }
            (S::SignedIn(grant), E::Tick) if grant.is_over(now) => {
                (S::SignedOut(Some(Ending::Expired)), None)
            }

            (S::SignedIn(grant) | S::Exchanging(Some(grant)), E::SignOut) => {
                (S::SignedOut(None), revocation(grant))
            }
            (S::SignedOut(_) | S::Exchanging(None), E::SignOut) => (S::SignedOut(None), None),

            (session, _) => (session, None),
        }
    }

    /// The token that a cleared request carries at `now`, if there is one.
    pub fn bearer(&self, _: &Clearance, now: Timestamp) -> Option<&Secret> {
        let (Self::SignedIn(grant) | Self::Exchanging(Some(grant))) = self else {
            return None;
        };
        (!grant.is_over(now)).then_some(&grant.bearer)
    }

    /// What pages are told.
    pub fn status(&self) -> Status {
        match self {
            Self::SignedOut(ending) => Status::SignedOut(*ending),
            Self::Exchanging(None) => Status::SigningIn,
            Self::Exchanging(Some(grant)) | Self::SignedIn(grant) => {
                Status::SignedIn(grant.user.clone())
            }
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::SignedOut(None)
    }
}

impl Grant {
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

fn revocation(grant: Grant) -> Option<Action> {
    grant.refresh.map(Action::Revoke)
}

#[cfg(test)]
mod tests;
