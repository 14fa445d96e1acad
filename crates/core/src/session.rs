//! The session: a state machine from the issued grant to sign-out.
//!
//! ```text
//!                  Issued                  Renewed, Found, Failed, Rejected
//!  ┌───────────┐ ──────────▶ ┌──────────┐ ───┐
//!  │ SignedOut │             │ SignedIn │    │
//!  └───────────┘ ◀────────── └──────────┘ ◀──┘
//!        ▲     Failed for      │      ▲
//!        │     good, Tick      │      │ Issued
//!        │                     ▼      │
//!        │      Left         ┌─────────┐
//!        └────────────────── │ Leaving │ ◀── SignOut
//!                            └─────────┘
//! ```
//!
//! A state exists only where the program may stop and be woken again. Before
//! the return there is no session, only a
//! [`Transaction`](crate::oauth::authorization::Transaction) waiting in
//! storage, so that any number of tabs may be at the hosted login at once; a
//! renewal in flight is no state either, because it dies with its worker.

mod checkpoint;
mod pending_request;

use serde::{Deserialize, Serialize};

use crate::{
    Secret, Timestamp,
    oauth::{
        Grant, User,
        failure::{Failure, FailureClass},
    },
    secret,
};

pub use self::pending_request::{Admission, PATIENCE, PendingRequest, RETURN, Responded};

/// The longest pause between two attempts at a renewal, in seconds: less than
/// [`PATIENCE`], so that every request that waits sees one.
const LONGEST_PAUSE: u64 = 20;

/// How many answers in a row the browser hides before a session is over whose
/// bearer has ended. With the pauses between them they take a quarter of a minute:
/// so long a server in front of a provider may be out of order, whose errors are
/// hidden, too.
const MOST_HIDDEN: u32 = 5;

/// Whether the user is signed in at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    standing: Standing,
    epoch: Epoch,
}

/// Counts the sign-outs. What was begun before one must not outlive it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Epoch(u32);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Standing {
    /// No one is signed in; `Some` if a session ended by itself.
    SignedOut(Option<Ended>),
    /// Requests carry the grant's bearer.
    SignedIn(SignedIn),
    /// The user is signing out; this refresh token is still to be revoked.
    Leaving(#[serde(with = "secret::exposed")] Secret),
}

/// What is stored of it is the grant: how it did is found out anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SignedIn {
    grant: Grant,
    #[serde(skip)]
    health: Health,
    /// Renewals that failed in a row.
    #[serde(skip)]
    failures: u32,
    /// Answers in a row that the browser hid.
    #[serde(skip)]
    hidden: u32,
    /// No renewal before then.
    #[serde(skip)]
    retry_at: Timestamp,
}

/// What is left of a session that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    why: EndReason,
    /// Whose it was: the sign-in of another user does not continue it.
    subject: String,
}

/// Why a session ended without the user asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// Its time is over.
    Expired,
    /// The provider no longer renews it: it says so, it renews no ID token and the
    /// last one has ended, or the browser hides all that it answers.
    Refused,
}

/// How a session does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// Well.
    #[default]
    Well,
    /// It cannot be renewed at the moment: the code of the last failure.
    Retrying(String),
    /// MLflow's server does not accept even a new token.
    Rejected,
}

/// Something that happened to the session.
#[derive(Debug)]
pub enum Event {
    /// The token endpoint issued a grant for a code.
    Issued(Grant, Epoch),
    /// The token endpoint issued `grant` in place of the one with the bearer
    /// `before`.
    Renewed {
        /// The new grant.
        grant: Grant,
        /// The bearer of the one that was renewed.
        before: Secret,
    },
    /// Another worker of this origin renewed it, and left this in storage.
    Found(Grant),
    /// A renewal of the grant with the bearer `before` did not succeed.
    Failed {
        /// Why.
        failure: Failure,
        /// The bearer of the grant that was to be renewed.
        before: Secret,
        /// A random number that keeps many browsers from asking in step.
        jitter: u8,
    },
    /// The server answered 401 to this bearer, which is as new as can be.
    Rejected(Secret),
    /// The server answered something else.
    Accepted,
    /// Time has passed.
    Tick,
    /// The user asked to sign out.
    SignOut,
    /// What there was to revoke is revoked, or never will be.
    Left,
}

/// What the caller must now do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Revoke this refresh token.
    Revoke(Secret),
}

/// What pages are told. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Sign in to go on.
    SignedOut(Option<EndReason>),
    /// Requests carry a token.
    SignedIn(User, Health),
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
        use Standing as S;

        let epoch = self.epoch;
        let (standing, action) = match (self.standing, event) {
            (standing, E::Issued(late, begun)) if begun != epoch => (standing, revocation(late)),
            (S::SignedIn(before), E::Issued(grant, _)) => {
                (S::signed_in(grant), revocation(before.grant))
            }
            (_, E::Issued(grant, _)) => (S::signed_in(grant), None),

            (S::SignedIn(old), E::Renewed { grant, before }) if old.grant.bearer == before => {
                (S::SignedIn(old.renewed(grant)), None)
            }
            (standing, E::Renewed { grant, .. }) => (standing, revocation(grant)),
            (S::SignedIn(old), E::Found(grant)) => (S::SignedIn(old.renewed(grant)), None),

            (
                S::SignedIn(signed),
                E::Failed {
                    failure,
                    before,
                    jitter,
                },
            ) if signed.grant.bearer == before => signed.failed(&failure, jitter, now),

            (S::SignedIn(signed), E::Rejected(bearer)) if signed.grant.bearer == bearer => {
                (S::SignedIn(signed.with_health(Health::Rejected)), None)
            }
            (S::SignedIn(signed), E::Accepted) if signed.health == Health::Rejected => {
                (S::SignedIn(signed.with_health(Health::Well)), None)
            }

            (S::SignedIn(signed), E::Tick) if signed.grant.is_over(now) => {
                (signed.ended(signed.end_reason()), revocation(signed.grant))
            }

            (S::SignedIn(signed), E::SignOut) => return leave(signed.grant.refresh, epoch),
            (S::Leaving(refresh), E::SignOut) => return leave(Some(refresh), epoch),
            (S::SignedOut(_), E::SignOut) => return leave(None, epoch),
            (S::Leaving(_), E::Left) => (S::SignedOut(None), None),

            (standing, _) => (standing, None),
        };
        (Self { standing, epoch }, action)
    }

    /// What an exchange that begins now must bring back with its grant.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The grant, while the user is signed in.
    pub fn grant(&self) -> Option<&Grant> {
        let Standing::SignedIn(signed) = &self.standing else {
            return None;
        };
        Some(&signed.grant)
    }

    /// The grant to renew, if there is one that can be.
    pub fn renewable(&self) -> Option<&Grant> {
        self.grant().filter(|grant| grant.is_renewable())
    }

    /// Whether the grant should be renewed in the background.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Standing::SignedIn(signed) = &self.standing else {
            return false;
        };
        signed.grant.is_due(now) && now >= signed.retry_at
    }

    /// Whether the server does not accept even a new bearer.
    pub fn is_rejected(&self) -> bool {
        matches!(&self.standing, Standing::SignedIn(signed) if signed.health == Health::Rejected)
    }

    /// What pages are told.
    pub fn status(&self) -> Status {
        match &self.standing {
            Standing::SignedOut(ended) => Status::SignedOut(ended.as_ref().map(|ended| ended.why)),
            Standing::Leaving(_) => Status::SignedOut(None),
            Standing::SignedIn(signed) => {
                Status::SignedIn(signed.grant.user.clone(), signed.health.clone())
            }
        }
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self::SignedOut(None)
    }
}

impl Standing {
    fn signed_in(grant: Grant) -> Self {
        Self::SignedIn(SignedIn {
            grant,
            health: Health::Well,
            failures: 0,
            hidden: 0,
            retry_at: Timestamp(0),
        })
    }
}

impl SignedIn {
    /// Whether the server accepts the new grant is not known yet.
    fn renewed(self, grant: Grant) -> Self {
        let health = match self.health {
            Health::Rejected => Health::Rejected,
            Health::Well | Health::Retrying(_) => Health::Well,
        };
        Self {
            grant,
            health,
            failures: 0,
            hidden: 0,
            retry_at: Timestamp(0),
        }
    }

    /// A hidden answer may be a refusal. It is taken for one when it has come again
    /// and again and nothing else is left: then another sign-in is what helps.
    fn failed(self, failure: &Failure, jitter: u8, now: Timestamp) -> (Standing, Option<Action>) {
        let hidden = match failure.class() {
            FailureClass::Permanent => return (self.ended(EndReason::Refused), None),
            FailureClass::Transient => 0,
            FailureClass::Hidden => self.hidden.saturating_add(1),
        };
        if hidden >= MOST_HIDDEN && !self.grant.is_fresh(now) {
            return (self.ended(EndReason::Refused), revocation(self.grant));
        }
        let retrying = Standing::SignedIn(Self {
            retry_at: now.plus(pause(self.failures, jitter)),
            failures: self.failures.saturating_add(1),
            hidden,
            health: Health::Retrying(failure.code()),
            grant: self.grant,
        });
        (retrying, None)
    }

    /// Why it is over.
    fn end_reason(&self) -> EndReason {
        if self.grant.is_last {
            EndReason::Refused
        } else {
            EndReason::Expired
        }
    }

    fn with_health(self, health: Health) -> Self {
        Self { health, ..self }
    }

    fn ended(&self, why: EndReason) -> Standing {
        Standing::SignedOut(Some(Ended {
            why,
            subject: self.grant.subject.clone(),
        }))
    }
}

/// Seconds to wait after `failures` failures and one more: doubling from one,
/// and the later half of that at random.
fn pause(failures: u32, jitter: u8) -> u64 {
    let most = 1_u64
        .checked_shl(failures)
        .unwrap_or(LONGEST_PAUSE)
        .min(LONGEST_PAUSE);
    most - most / 2 * u64::from(jitter) / u64::from(u8::MAX)
}

fn leave(refresh: Option<Secret>, Epoch(sign_outs): Epoch) -> (Session, Option<Action>) {
    let standing = match &refresh {
        Some(refresh) => Standing::Leaving(refresh.clone()),
        None => Standing::SignedOut(None),
    };
    let epoch = Epoch(sign_outs.wrapping_add(1));
    (Session { standing, epoch }, refresh.map(Action::Revoke))
}

fn revocation(grant: Grant) -> Option<Action> {
    grant.refresh.map(Action::Revoke)
}

#[cfg(test)]
mod tests;
