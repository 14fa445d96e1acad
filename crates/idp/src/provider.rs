use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use shell_core::Timestamp;
use shell_jose::KeySet;

use crate::{
    Clock, Counts, Faults, Keys, Refreshed, Settings, User, counts::Counters, state::State,
};

/// A running pool: settings, keys, users and sign-ins. Clones are the same pool.
#[derive(Clone)]
pub struct Provider(Arc<Shared>);

struct Shared {
    settings: Settings,
    keys: Keys,
    verifying: KeySet,
    clock: Clock,
    faults: Faults,
    counters: Counters,
    state: Mutex<State>,
}

/// Why there is no provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderError {
    /// `base` is not an origin of this machine.
    NotLoopback,
    /// The keys make no key set.
    Keys,
}

impl Provider {
    /// Makes a pool with the three demonstration users and no sign-ins.
    pub fn new(settings: Settings, keys: Keys, clock: Clock) -> Result<Self, ProviderError> {
        if !settings.base.is_loopback() {
            return Err(ProviderError::NotLoopback);
        }
        Ok(Self(Arc::new(Shared {
            verifying: keys.verifying().map_err(|_| ProviderError::Keys)?,
            settings,
            keys,
            clock,
            faults: Faults::default(),
            counters: Counters::default(),
            state: Mutex::new(State::new()),
        })))
    }

    /// The `iss` of the tokens.
    pub fn issuer(&self) -> String {
        self.0.settings.issuer()
    }

    /// The key set, as the issuer publishes it.
    pub fn jwks(&self) -> Value {
        self.0.keys.jwks()
    }

    /// Adds `user`, or changes the groups of one who is there. Tokens issued
    /// from now on have them.
    pub fn put_user(&self, user: User) {
        self.state().put_user(user);
    }

    /// The switches for what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// How many requests have arrived.
    pub fn counts(&self) -> Counts {
        self.0.counters.read()
    }

    /// Waits until the counts are what `reached` asks for.
    pub async fn counted(&self, reached: impl FnMut(&Counts) -> bool) {
        self.0.counters.until(reached).await;
    }

    /// The refreshes that the client asked for, in the order in which they were
    /// decided. Requests without a token or of another client are none.
    pub fn refreshes(&self) -> Vec<Refreshed> {
        self.state().refreshes().to_vec()
    }

    /// Ends every sign-in, as an administrator does who signs everyone out: no
    /// refresh token and no login session works any more.
    pub fn end_all(&self) {
        self.state().end_all();
    }

    /// What it was started with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn verifying_keys(&self) -> &KeySet {
        &self.0.verifying
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn count(&self, kind: impl FnOnce(&mut Counts) -> &mut u64) {
        self.0.counters.add(kind);
    }

    /// The state, even if a request panicked while it had it: every change is a
    /// single insertion or removal, so there are no halves.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotLoopback => {
                "the development provider serves this machine only: \
                 its address must be http://localhost:PORT"
            }
            Self::Keys => "the signing keys make no key set",
        })
    }
}

impl std::error::Error for ProviderError {}
