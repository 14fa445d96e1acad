//! An issuer's keys, loaded when a token needs them.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use shell_core::Timestamp;
use shell_jose::{KeyCache, KeySet, Lookup};
use tokio::{
    sync::{Mutex, Semaphore},
    time::timeout,
};

use crate::{
    client::Client,
    discovery,
    fetch::{self, FetchError},
    metrics::Metrics,
    settings::{KeySource, TrustedIssuer},
};

/// The longest pause between two attempts to load keys before anybody needs them.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a load may take, the issuer's own document included.
const LONGEST_LOAD: Duration = Duration::from_secs(10);

/// Most requests that wait for a load at a time: those of a few pages that open
/// while an issuer changes its key. Tokens with invented names of keys come as
/// often as anybody likes, and an issuer may hang.
const MOST_WAITING: usize = 32;

/// An issuer's key set behind the rules of [`KeyCache`].
///
/// Whose key is known waits for nobody. Nothing waits while it holds the cache,
/// and a load is a task of its own: who asked for it may go away.
#[derive(Debug)]
pub(crate) struct Keys {
    issuer: String,
    source: KeySource,
    client: Client,
    cache: RwLock<KeyCache>,
    /// Whose turn it is to load.
    loading: Arc<Mutex<()>>,
    /// Leave to wait for that.
    waiting: Semaphore,
    metrics: Metrics,
    loaded: AtomicBool,
}

/// Why there is no key set to verify a token with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKeys {
    /// The issuer has no such key.
    Unknown,
    /// The issuer could not be asked.
    Unavailable,
}

impl Keys {
    pub(crate) fn new(trusted: &TrustedIssuer, client: Client, metrics: Metrics) -> Self {
        Self {
            issuer: trusted.issuer.name.clone(),
            source: trusted.keys.clone(),
            client,
            cache: RwLock::default(),
            loading: Arc::default(),
            waiting: Semaphore::new(MOST_WAITING),
            metrics,
            loaded: AtomicBool::new(false),
        }
    }

    /// Whether there are keys: they serve however old they are.
    pub(crate) fn are_loaded(&self) -> bool {
        self.loaded.load(Ordering::Relaxed)
    }

    /// Loads the keys before anybody needs them, with growing pauses until that
    /// succeeds.
    pub(crate) async fn load_ahead(self: Arc<Self>) {
        let mut pause = Duration::from_secs(1);
        while !self.are_loaded() {
            {
                let _turn = self.loading.lock().await;
                if self.are_loaded() {
                    return;
                }
                self.load().await;
            }
            if !self.are_loaded() {
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(2 * pause);
            }
        }
    }

    /// The keys to verify a token of `kid` with.
    pub(crate) async fn for_kid(self: &Arc<Self>, kid: &str) -> Result<KeySet, NoKeys> {
        if let Some(answer) = self.known(kid) {
            return answer;
        }
        let waiting = self.waiting.try_acquire();
        let _waiting = waiting.map_err(|_| NoKeys::Unavailable)?;
        self.begin_to_load(kid);
        // Until whoever loads has done so.
        drop(self.loading.lock().await);
        self.known(kid).unwrap_or(Err(NoKeys::Unavailable))
    }

    /// What is known of `kid` without asking the issuer.
    fn known(self: &Arc<Self>, kid: &str) -> Option<Result<KeySet, NoKeys>> {
        match self.lookup(kid) {
            Lookup::Found(keys) => Some(Ok(keys)),
            Lookup::Stale(keys) => {
                self.begin_to_load(kid);
                Some(Ok(keys))
            }
            Lookup::Reload => None,
            Lookup::Unknown => Some(Err(NoKeys::Unknown)),
            Lookup::Unavailable => Some(Err(NoKeys::Unavailable)),
        }
    }

    fn lookup(&self, kid: &str) -> Lookup {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        cache.lookup(kid, now())
    }

    /// Loads the keys for `kid`, unless somebody does or has just done so.
    fn begin_to_load(self: &Arc<Self>, kid: &str) {
        let Ok(turn) = self.loading.clone().try_lock_owned() else {
            return;
        };
        let (keys, kid) = (self.clone(), kid.to_owned());
        tokio::spawn(async move {
            let _turn = turn;
            if matches!(keys.lookup(&kid), Lookup::Reload | Lookup::Stale(_)) {
                keys.load().await;
            }
        });
    }

    async fn load(&self) {
        let loaded = timeout(LONGEST_LOAD, self.fetch()).await;
        let loaded =
            loaded.unwrap_or_else(|_| Err(format!("{} {}", self.issuer, FetchError::Slow)));
        let when = loaded.is_ok().then(|| now().0);
        self.metrics.key_load(&self.issuer, when);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        match loaded {
            Ok(keys) => {
                cache.reloaded(keys, now());
                self.loaded.store(true, Ordering::Relaxed);
            }
            Err(why) => {
                tracing::warn!(why, "the issuer's keys could not be loaded");
                cache.failed(now());
            }
        }
    }

    /// The error is a sentence for the log.
    async fn fetch(&self) -> Result<KeySet, String> {
        let url = match &self.source {
            KeySource::At(url) => url.clone(),
            KeySource::Discovered(issuer) => {
                let found = discovery::discover(&self.client, issuer).await;
                let found = found.map_err(|error| error.to_string())?;
                // It was looked at as part of the document.
                found.jwks_uri.parse().unwrap_or_default()
            }
        };
        let keys = fetch::document(&self.client, &url).await;
        let keys = keys.map_err(|error| format!("{url} {error}"))?;
        KeySet::parse(&keys).map_err(|error| format!("{url}: {error}"))
    }
}

/// The gateway's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_secs())
}

#[cfg(test)]
mod tests;
