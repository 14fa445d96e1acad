use shell_core::Timestamp;

use crate::{KeyHint, KeySet};

/// How long a failed or fruitless reload keeps the next one waiting, in seconds.
///
/// The value of aws-jwt-verify's penalty box: tokens with invented key names
/// must not become requests to the provider.
pub const RELOAD_PENALTY: u64 = 10;

/// How old keys may be before they are loaded again in the background, in
/// seconds. A key the issuer has withdrawn is trusted this much longer.
pub const MAX_AGE: u64 = 60 * 60;

/// When to load an issuer's keys, and what to use until then.
///
/// It loads nothing itself. The caller asks [`lookup`](Self::lookup), loads if
/// told to, and reports [`reloaded`](Self::reloaded) or [`failed`](Self::failed).
/// Rules, in order:
///
/// 1. A known key is served, however old: a provider that cannot be reached
///    signs no user out. After [`MAX_AGE`] it is served as [`Lookup::Stale`].
/// 2. An unknown key asks for a reload, because the issuer may have new ones.
/// 3. So does a token that none of the known keys signed, if it names none of them
///    ([`VerifyError::second_lookup`](crate::VerifyError::second_lookup)): who does not name keys may have replaced one.
/// 4. No reload is asked for within [`RELOAD_PENALTY`] of the last.
///
/// To have one reload in flight, hold a lock while loading, and look up again
/// once it is yours. `now` may come from any clock that does not run backwards.
#[derive(Debug, Clone, Default)]
pub struct KeyCache {
    keys: KeySet,
    loaded: Option<Timestamp>,
    attempt: Option<Attempt>,
}

/// What to do about a token's key.
#[derive(Debug, Clone)]
#[must_use]
pub enum Lookup {
    /// Verify with these keys.
    Found(KeySet),
    /// Verify with these keys, and reload them in the background.
    Stale(KeySet),
    /// Reload, then look up again.
    Reload,
    /// The issuer has no such key: refuse the token.
    Unknown,
    /// The issuer could not be asked: neither accept nor refuse the token, but
    /// say that it cannot be checked now.
    Unavailable,
}

#[derive(Debug, Clone, Copy)]
struct Attempt {
    at: Timestamp,
    succeeded: bool,
}

impl KeyCache {
    /// Makes a cache that has loaded nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides what to do about a token that says this of its key.
    pub fn lookup(&self, hint: &KeyHint, now: Timestamp) -> Lookup {
        let may_reload = self.may_reload(now);
        let keys = &self.keys;
        match self.attempt {
            _ if keys.has(hint) && may_reload && self.is_old(now) => Lookup::Stale(keys.clone()),
            _ if keys.has(hint) => Lookup::Found(keys.clone()),
            _ if may_reload => Lookup::Reload,
            Some(attempt) if attempt.succeeded => Lookup::Unknown,
            _ => Lookup::Unavailable,
        }
    }

    /// Replaces the keys with what the issuer published at `now`.
    pub fn reloaded(&mut self, keys: KeySet, now: Timestamp) {
        self.keys = keys;
        self.loaded = Some(now);
        self.attempt = Some(Attempt {
            at: now,
            succeeded: true,
        });
    }

    /// Keeps the keys after a reload that failed at `now`.
    pub fn failed(&mut self, now: Timestamp) {
        self.attempt = Some(Attempt {
            at: now,
            succeeded: false,
        });
    }

    fn may_reload(&self, now: Timestamp) -> bool {
        self.attempt
            .is_none_or(|attempt| now.since(attempt.at) >= RELOAD_PENALTY)
    }

    fn is_old(&self, now: Timestamp) -> bool {
        self.loaded
            .is_none_or(|loaded| now.since(loaded) >= MAX_AGE)
    }
}

#[cfg(test)]
mod tests;
