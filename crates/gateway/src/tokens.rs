//! Tokens that programs show in place of a user's sign-in.
//!
//! 1. A token is random and says nothing. Only its digest is kept, with the
//!    claims of the user who asked for it.
//! 2. It ends when its time is over, and with the process: nothing is written
//!    down. What the user may do is decided anew for each request, by the groups
//!    of the time when it was issued.
//! 3. A user has at most [`PER_USER`] and all users together [`IN_ALL`]; one
//!    more ends the oldest.

use std::{
    collections::HashMap,
    fmt,
    sync::{PoisonError, RwLock},
};

use sha2::{Digest as _, Sha256};
use shell_core::{Entropy, Secret, Timestamp, claims::Claims};

/// How each token begins, so that it is known for what it is where one is found.
const MARK: &str = "mlflow_";

/// Most tokens of one user.
const PER_USER: usize = 5;

/// Most tokens of all users: some megabytes.
const IN_ALL: usize = 10_000;

/// The tokens that are good at the moment.
#[derive(Default)]
pub(crate) struct Tokens(RwLock<Store>);

#[derive(Default)]
struct Store {
    kept: HashMap<Digest, Kept>,
    /// Counts the tokens issued: within a second, too, one is the older.
    issued: u64,
}

type Digest = [u8; 32];

struct Kept {
    claims: Claims,
    ends_at: Timestamp,
    number: u64,
}

/// Whether `token` is of the kind that is issued here.
pub(crate) fn is_ours(token: &str) -> bool {
    token.starts_with(MARK)
}

impl Tokens {
    /// Issues a token for the user of these claims that ends in `lifetime`
    /// seconds.
    pub(crate) fn issue(
        &self,
        entropy: Entropy,
        claims: Claims,
        lifetime: u64,
        now: Timestamp,
    ) -> Secret {
        let token = Secret::new(format!("{MARK}{}", entropy.into_text()));
        let mut store = self.0.write().unwrap_or_else(PoisonError::into_inner);
        store.make_room(&claims, now);
        store.keep(digest(token.expose()), claims, now.plus(lifetime));
        token
    }

    /// The claims of the user whose token this is, if it is one.
    pub(crate) fn claims(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let store = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = store.kept.get(&digest(token))?;
        (now < kept.ends_at).then(|| kept.claims.clone())
    }
}

impl Store {
    /// Subjects are unique at their issuer only.
    fn make_room(&mut self, user: &Claims, now: Timestamp) {
        self.kept.retain(|_, kept| now < kept.ends_at);
        let is_theirs =
            |other: &Claims| (&other.issuer, &other.subject) == (&user.issuer, &user.subject);
        self.end_oldest(PER_USER, |kept| is_theirs(&kept.claims));
        self.end_oldest(IN_ALL, |_| true);
    }

    /// Ends the oldest of those chosen if there are `most` of them.
    fn end_oldest(&mut self, most: usize, chosen: impl Fn(&Kept) -> bool) {
        let of_these = || self.kept.iter().filter(|(_, kept)| chosen(kept));
        if of_these().count() < most {
            return;
        }
        let oldest = of_these().min_by_key(|(_, kept)| kept.number);
        if let Some(digest) = oldest.map(|(digest, _)| *digest) {
            self.kept.remove(&digest);
        }
    }

    fn keep(&mut self, digest: Digest, claims: Claims, ends_at: Timestamp) {
        let number = self.issued;
        self.issued += 1;
        let kept = Kept {
            claims,
            ends_at,
            number,
        };
        self.kept.insert(digest, kept);
    }
}

fn digest(token: &str) -> Digest {
    Sha256::digest(token).into()
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    #[test]
    fn a_token_is_random_marked_and_good_for_its_time() {
        let tokens = Tokens::default();
        let token = issue(&tokens, "a", 1);

        let text = token.expose();
        assert!(is_ours(text) && text.len() == MARK.len() + 43, "{text}");
        let table = [(NOW, true), (NOW.plus(59), true), (NOW.plus(60), false)];
        for (now, good) in table {
            assert_eq!(tokens.claims(text, now).is_some(), good, "{now:?}");
        }
        for other in ["mlflow_", "", &text[1..], &text[..text.len() - 1]] {
            assert!(tokens.claims(other, NOW).is_none(), "{other}");
        }
    }

    #[test]
    fn a_token_is_its_users() {
        let tokens = Tokens::default();
        let issued = [("a", 1), ("b", 2)].map(|(user, n)| (user, issue(&tokens, user, n)));
        for (user, token) in issued {
            assert_eq!(tokens.claims(token.expose(), NOW), Some(claims(user)));
        }
    }

    #[test]
    fn one_too_many_ends_the_users_oldest_and_nobody_elses() {
        let tokens = Tokens::default();
        let others = issue(&tokens, "b", 100);
        let issued: Vec<Secret> = (0..7).map(|n| issue(&tokens, "a", n)).collect();

        let good = |token: &Secret| tokens.claims(token.expose(), NOW).is_some();
        let left: Vec<bool> = issued.iter().map(good).collect();
        assert_eq!(left, [false, false, true, true, true, true, true]);
        assert!(good(&others));
    }

    #[test]
    fn there_are_no_more_than_so_many_and_those_that_ended_are_forgotten() {
        let mut store = Store::default();
        for number in 0..IN_ALL + 3 {
            let user = number.to_string();
            if number >= IN_ALL {
                store.make_room(&claims(&user), NOW);
            }
            store.keep(digest(&user), claims(&user), NOW.plus(60));
        }
        assert_eq!(store.kept.len(), IN_ALL);
        assert!(!store.kept.contains_key(&digest("2")) && store.kept.contains_key(&digest("3")));

        store.make_room(&claims("a"), NOW.plus(60));
        assert!(store.kept.is_empty());
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let tokens = Tokens::default();
        let token = issue(&tokens, "somebody", 1);
        assert_eq!(
            format!("{tokens:?} {token:?}"),
            "Tokens([redacted]) [redacted]"
        );
    }

    fn issue(tokens: &Tokens, user: &str, number: u8) -> Secret {
        tokens.issue(Entropy([number; 32]), claims(user), 60, NOW)
    }

    fn claims(user: &str) -> Claims {
        Claims {
            issuer: "https://issuer.example".into(),
            subject: user.into(),
            name: user.into(),
            groups: vec!["readers".into()],
            issued_at: None,
            expires_at: NOW,
            nonce: None,
        }
    }
}
