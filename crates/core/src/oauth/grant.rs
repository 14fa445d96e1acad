//! Tokens as the shell keeps them.

use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp, claims::Claims, secret};

/// Longest time before its end at which a bearer is renewed, in seconds: so
/// early that requests do not wait for a slow provider.
const AHEAD: u64 = 300;

/// Part of its life in which a short-lived bearer is renewed ahead.
const LAST_PART: u64 = 4;

/// How far a clock may go back before it is taken for wrong, in seconds.
const STEP_BACK: u64 = 10;

/// One set of tokens, and until when they serve. What is serialised of it holds
/// them: seal it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Sent as `Authorization: Bearer`.
    #[serde(with = "secret::exposed")]
    pub bearer: Secret,
    /// Buys the next grant; revoked at sign-out.
    #[serde(default, with = "secret::exposed_option")]
    pub refresh: Option<Secret>,
    /// Whose grant it is: `sub`, unique at the issuer.
    pub subject: String,
    /// Whose grant it is, for people.
    pub user: User,
    /// When `bearer` was received, by this machine's clock.
    pub received_at: Timestamp,
    /// When `bearer` ends, by this machine's clock.
    pub expires_at: Timestamp,
    /// When the sign-in ends however often it is renewed (`session.max_age`).
    pub ends_at: Option<Timestamp>,
    /// Whether `bearer` is the last: the provider renews access tokens, and no ID
    /// token with them (OpenID Connect Core §12.2), which is what requests carry. A
    /// worker that was stopped finds that out anew.
    #[serde(skip)]
    pub is_last: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// What to call the user.
    pub name: String,
    /// The user's groups.
    pub groups: Vec<String>,
    /// Why the groups cannot be read, if so: then there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

impl User {
    /// Who is signed in, by checked claims.
    pub(super) fn of(claims: Claims) -> Self {
        Self {
            name: claims.name,
            groups: claims.groups,
            unreadable: claims.groups_error.map(|error| error.to_string()),
        }
    }
}

impl Grant {
    /// Whether the bearer may be sent at `now`.
    ///
    /// Not before it was received either: then the clock was set back, and how
    /// long the bearer has left is anyone's guess.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.received_at <= now.plus(STEP_BACK) && now < self.expires_at
    }

    /// Whether there may be another grant after this one.
    pub(crate) fn is_renewable(&self) -> bool {
        self.refresh.is_some() && !self.is_last
    }

    /// Whether it is time for the next grant, though this one still serves.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        if self.is_last {
            return false;
        }
        let lifetime = self.expires_at.since(self.received_at);
        let ahead = AHEAD.min(lifetime / LAST_PART).max(1);
        !self.is_fresh(now) || self.expires_at <= now.plus(ahead)
    }

    /// Whether the sign-in is over at `now`, and cannot be renewed.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        let outlived = self.ends_at.is_some_and(|end| now >= end);
        outlived || (!self.is_renewable() && !self.is_fresh(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_bearer_is_renewed_ahead_of_its_end_and_never_sent_after_it() {
        // (lifetime, seconds since it was received, fresh, due)
        let table: [(u64, i64, bool, bool); 13] = [
            (3600, 0, true, false),
            (3600, 3299, true, false),
            (3600, 3300, true, true),
            (3600, 3599, true, true),
            (3600, 3600, false, true),
            (5, 3, true, false),
            (5, 4, true, true),
            (5, 5, false, true),
            (1, 0, true, true),
            // The clock was set back: a little is jitter, more is a wrong clock.
            (3600, -9, true, false),
            (3600, -11, false, true),
            (3600, -86_400, false, true),
            (3600, 86_400, false, true),
        ];
        for (lifetime, since, fresh, due) in table {
            let grant = testing::grant("token", 100_000, lifetime);
            let now = Timestamp(100_000_u64.saturating_add_signed(since));
            assert_eq!(grant.is_fresh(now), fresh, "{lifetime} after {since}");
            assert_eq!(grant.is_due(now), due, "{lifetime} after {since}");
        }
    }

    #[test]
    fn a_sign_in_is_over_at_its_greatest_age_or_when_nothing_renews_it() {
        let mut grant = testing::grant("token", 1_000, 60);
        assert!(!grant.is_over(Timestamp(1_000_000)));

        grant.ends_at = Some(Timestamp(1_030));
        assert!(!grant.is_over(Timestamp(1_029)));
        assert!(grant.is_over(Timestamp(1_030)));

        grant.ends_at = None;
        for (refresh, is_last) in [(None, false), (grant.refresh.clone(), true)] {
            grant.refresh = refresh;
            grant.is_last = is_last;
            assert!(!grant.is_over(Timestamp(1_059)));
            assert!(grant.is_over(Timestamp(1_060)));
        }
    }

    #[test]
    fn the_last_bearer_serves_to_its_end_and_is_not_renewed_ahead() {
        let grant = Grant {
            is_last: true,
            ..testing::grant("token", 1_000, 60)
        };
        assert!(!grant.is_due(Timestamp(1_059)));
        assert!(grant.is_fresh(Timestamp(1_059)));
        assert!(!grant.is_renewable());
    }

    #[test]
    fn what_is_kept_of_a_grant_is_the_whole_grant() {
        let mut grant = testing::grant("tök&en=", 1_000, 60);
        for _ in 0..2 {
            let written = serde_json::to_string(&grant).unwrap();
            assert_eq!(serde_json::from_str::<Grant>(&written).unwrap(), grant);
            grant.refresh = None;
            grant.ends_at = Some(Timestamp(7));
            grant.user.groups = vec!["a b".into(), "c,d".into()];
        }
    }
}
