//! A request that waits for its token: it is sent, waits, or is refused.
//!
//! 1. A fresh bearer goes at once.
//! 2. Without one the request waits for a renewal, [`PATIENCE`] at most since it
//!    arrived or was answered 401, and is then told to come back: MLflow repeats
//!    what is answered 429. How long it was sent for does not count: a large upload
//!    may take minutes before its 401.
//! 3. After a session that ended by itself, a script's request waits for the
//!    same user to sign in again, [`RETURN`] at most, if a page is open that
//!    shows how. A navigation does not wait: its answer is the way to sign in.
//! 4. A 401 is followed by one renewal and one repetition. If a newer bearer is
//!    there already, that one serves; a second 401 is the answer, and so is the
//!    first if the renewal brings the same bearer.
//! 5. A request made for one user never goes out for another.
//! 6. A request for a server that the site does not have, or that is not for
//!    this user, is refused, and nothing is sent.
//! 7. A request for a presigned URL is answered at once on a site that lists no
//!    artifact store ([`presigned`]).

use super::{Health, Session, SignedIn, Standing};
use crate::{
    Config, Secret, Timestamp,
    intercept::{Clearance, Dispatch},
    policy, presigned,
    refusal::{Problem, Requester},
};

/// How long a request waits for a renewal, in seconds: less than the 30 after
/// which Firefox may stop a worker that heard of nothing else.
pub const PATIENCE: u64 = 25;

/// How long a request waits for the user to sign in again, in seconds. Browsers
/// give an event five minutes.
pub const RETURN: u64 = 240;

/// A request that may carry a token, and what has become of it so far.
#[derive(Debug)]
pub struct PendingRequest {
    clearance: Clearance,
    method: String,
    requester: Requester,
    arrived: Timestamp,
    /// When it last had no usable bearer: on arrival, or as the 401 came.
    waits_since: Timestamp,
    /// For whom it is, once that is known.
    subject: Option<String>,
    /// The bearer that was answered 401.
    refused: Option<Secret>,
    /// Whether it asked for a renewal since.
    asked_to_renew: bool,
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Send it this way, with this bearer.
    Go(Dispatch, Secret),
    /// Renew the grant, then ask again.
    Renew,
    /// Ask again when something changes, or after so many seconds.
    Wait(u64),
    /// As [`Wait`](Self::Wait) if a page of the shell is open, where the user
    /// is asked to sign in again; otherwise it is refused.
    Hold(u64),
    /// Answer it with the 401 it got.
    Return,
    /// Answer it with a refusal.
    Refuse(Problem),
}

/// What the response to a request means for it and for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Responded {
    /// Deliver it: it was sent without a token, and says nothing of that.
    WithoutToken,
    /// Deliver it: the server accepts the bearer.
    Accepted,
    /// Deliver it: the server refuses the bearer again.
    Rejected,
    /// Keep it, and ask what to do with the request once more.
    Retry,
}

impl PendingRequest {
    /// A cleared request of `method` that arrived at `now`.
    pub fn new(clearance: Clearance, method: String, requester: Requester, now: Timestamp) -> Self {
        Self {
            clearance,
            method,
            requester,
            arrived: now,
            waits_since: now,
            subject: None,
            refused: None,
            asked_to_renew: false,
        }
    }

    /// Who asked.
    pub fn requester(&self) -> Requester {
        self.requester
    }

    /// The server it is for, if that has a name.
    pub fn server(&self) -> Option<&str> {
        self.clearance.server()
    }

    /// Decides what a response of this status, which came at `now`, means: the
    /// request was sent as `dispatch` says, with `bearer` if it takes one.
    pub fn responded(
        &mut self,
        status: u16,
        dispatch: &Dispatch,
        bearer: &Secret,
        now: Timestamp,
    ) -> Responded {
        match status {
            _ if *dispatch == Dispatch::File => Responded::WithoutToken,
            401 if self.try_again(bearer.clone(), now) => Responded::Retry,
            401 => Responded::Rejected,
            _ => Responded::Accepted,
        }
    }

    /// Records a 401 to `bearer`; false if it is the second.
    fn try_again(&mut self, bearer: Secret, now: Timestamp) -> bool {
        self.asked_to_renew = false;
        self.waits_since = now;
        self.refused.replace(bearer).is_none()
    }

    /// Whether a page may send it on this site.
    fn check(&self, site: &Config) -> Result<(), Problem> {
        let Some([path, query]) = self.clearance.target() else {
            return Ok(());
        };
        presigned::check(&site.artifacts, &self.method, path, query)
    }

    fn is_for(&mut self, subject: &str) -> bool {
        self.subject.get_or_insert_with(|| subject.to_owned()) == subject
    }

    /// Waits for a renewal, `longest` seconds at most before it asks again.
    fn wait(&self, longest: u64, now: Timestamp) -> Admission {
        match left(PATIENCE, self.waits_since, now) {
            0 => Admission::Refuse(Problem::NOT_RENEWED),
            left => Admission::Wait(left.min(longest)),
        }
    }

    /// Waits for the user; since its arrival, because it is the event that ends.
    fn hold(&self, now: Timestamp) -> Admission {
        match left(RETURN, self.arrived, now) {
            0 => Admission::Refuse(Problem::UNAUTHENTICATED),
            left => Admission::Hold(left),
        }
    }
}

fn left(patience: u64, since: Timestamp, now: Timestamp) -> u64 {
    patience.saturating_sub(now.since(since))
}

impl Session {
    /// Decides what becomes of `request` at `now`, on a site of this
    /// configuration. Without one it is refused: where a bearer may go is unknown.
    pub fn admit(
        &self,
        request: &mut PendingRequest,
        site: Option<&Config>,
        now: Timestamp,
    ) -> Admission {
        let Some(site) = site else {
            return Admission::Refuse(Problem::UNAUTHENTICATED);
        };
        match &self.standing {
            Standing::SignedOut(None) | Standing::Leaving(_) => {
                Admission::Refuse(Problem::UNAUTHENTICATED)
            }
            Standing::SignedOut(Some(ended)) => {
                if request.requester == Requester::Script && request.is_for(&ended.subject) {
                    request.hold(now)
                } else {
                    Admission::Refuse(Problem::UNAUTHENTICATED)
                }
            }
            Standing::SignedIn(signed) if !request.is_for(&signed.grant.subject) => {
                Admission::Refuse(Problem::UNAUTHENTICATED)
            }
            Standing::SignedIn(signed) => {
                let user = &signed.grant.user;
                let carries = policy::may_carry(&request.clearance, &site.upstreams, user);
                match carries.and_then(|()| request.check(site)) {
                    Ok(()) => signed.admit(request, site, now),
                    Err(problem) => Admission::Refuse(problem),
                }
            }
        }
    }
}

impl SignedIn {
    fn admit(&self, request: &mut PendingRequest, site: &Config, now: Timestamp) -> Admission {
        let refused = request.refused.as_ref() == Some(&self.grant.bearer);
        // A renewal that failed is tried again; one that brought nothing new is not.
        let renewed_in_vain = request.asked_to_renew && self.failures == 0;
        let is_final =
            self.health == Health::Rejected || !self.grant.is_renewable() || renewed_in_vain;
        if refused && is_final {
            Admission::Return
        } else if !refused && self.grant.is_fresh(now) && !self.grant.is_over(now) {
            Admission::Go(request.clearance.dispatch(site), self.grant.bearer.clone())
        } else if now < self.retry_at {
            request.wait(self.retry_at.since(now), now)
        } else {
            request.asked_to_renew = refused;
            Admission::Renew
        }
    }
}

/// How often a worker looks for the key of its session, in seconds.
const LOCKED: u64 = 1;

impl PendingRequest {
    /// What becomes of the request while the session is locked: it is stored,
    /// and the page that keeps its key has not answered yet.
    pub fn locked(&self, now: Timestamp) -> Admission {
        self.wait(LOCKED, now)
    }
}

#[cfg(test)]
mod tests;
