//! An issuer's keys, loaded when a token needs them.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use shell_jose::{KeyCache, KeyHint, KeySet, Lookup};
use tokio::{
    sync::{Mutex, Semaphore},
    time::timeout,
};

use super::{clock::now, discovery};
use crate::{
    http_client::{
        HttpClient,
        fetch::{self, FetchError},
    },
    settings::{KeySource, TrustedIssuer},
    telemetry::metrics::Metrics,
};

/// The longest pause between two attempts to preload keys.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// How long a load may take, the issuer's own document included.
const LOAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Most requests that wait for a load at a time: those of a few pages that open
/// while an issuer changes its key. Tokens with invented names of keys come as
/// often as a client likes, and an issuer may hang.
const MAX_WAITING: usize = 32;

/// An issuer's key set behind the rules of [`KeyCache`].
///
/// A request whose key is cached does not wait. The cache is never locked while
/// waiting, and a load is a task of its own: the request that began it may end.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    issuer: String,
    source: KeySource,
    client: HttpClient,
    cache: RwLock<KeyCache>,
    /// Held during a load.
    loading: Arc<Mutex<()>>,
    /// Permits to wait for a load.
    waiting: Semaphore,
    metrics: Metrics,
    loaded: AtomicBool,
}

/// Why there is no key set to verify a token with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyLookupError {
    /// The issuer has no such key.
    Unknown,
    /// The issuer could not be asked.
    Unavailable,
}

impl IssuerKeys {
    pub(crate) fn new(trusted: &TrustedIssuer, client: HttpClient, metrics: Metrics) -> Self {
        Self {
            issuer: trusted.issuer.name.clone(),
            source: trusted.keys.clone(),
            client,
            cache: RwLock::default(),
            loading: Arc::default(),
            waiting: Semaphore::new(MAX_WAITING),
            metrics,
            loaded: AtomicBool::new(false),
        }
    }

    /// Whether there are keys: they serve however old they are.
    pub(crate) fn are_loaded(&self) -> bool {
        self.loaded.load(Ordering::Relaxed)
    }

    /// Loads the keys before they are needed, with growing pauses until that
    /// succeeds.
    pub(crate) async fn preload(self: Arc<Self>) {
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
                pause = MAX_BACKOFF.min(2 * pause);
            }
        }
    }

    /// The keys to verify a token with that says this of its key.
    pub(crate) async fn for_hint(
        self: &Arc<Self>,
        hint: &KeyHint,
    ) -> Result<KeySet, KeyLookupError> {
        if let Some(answer) = self.known(hint) {
            return answer;
        }
        let waiting = self.waiting.try_acquire();
        let _waiting = waiting.map_err(|_| KeyLookupError::Unavailable)?;
        self.start_load(hint);
        // Waits for the load that is in progress.
        drop(self.loading.lock().await);
        self.known(hint).unwrap_or(Err(KeyLookupError::Unavailable))
    }

    /// What is known of such a key without asking the issuer.
    fn known(self: &Arc<Self>, hint: &KeyHint) -> Option<Result<KeySet, KeyLookupError>> {
        match self.lookup(hint) {
            Lookup::Found(keys) => Some(Ok(keys)),
            Lookup::Stale(keys) => {
                self.start_load(hint);
                Some(Ok(keys))
            }
            Lookup::Reload => None,
            Lookup::Unknown => Some(Err(KeyLookupError::Unknown)),
            Lookup::Unavailable => Some(Err(KeyLookupError::Unavailable)),
        }
    }

    fn lookup(&self, hint: &KeyHint) -> Lookup {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        cache.lookup(hint, now())
    }

    /// Loads the keys for such a token, unless a load is in progress or has just
    /// ended.
    fn start_load(self: &Arc<Self>, hint: &KeyHint) {
        let Ok(turn) = self.loading.clone().try_lock_owned() else {
            return;
        };
        let (keys, hint) = (self.clone(), hint.clone());
        tokio::spawn(async move {
            let _turn = turn;
            if matches!(keys.lookup(&hint), Lookup::Reload | Lookup::Stale(_)) {
                keys.load().await;
            }
        });
    }

    async fn load(&self) {
        let loaded = timeout(LOAD_TIMEOUT, self.fetch()).await;
        let loaded =
            loaded.unwrap_or_else(|_| Err(format!("{} {}", self.issuer, FetchError::Slow)));
        let when = loaded.is_ok().then(|| now().0);
        self.metrics.key_load(&self.issuer, when);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        match loaded {
            Ok(keys) => {
                for key in keys.ignored() {
                    tracing::info!(issuer = self.issuer, %key, "a published key is not used");
                }
                cache.reloaded(keys, now());
                self.loaded.store(true, Ordering::Relaxed);
            }
            Err(why) => {
                tracing::warn!(why, "the issuer's keys could not be loaded");
                cache.failed(now());
            }
        }
    }

    /// The error is a message for the log.
    async fn fetch(&self) -> Result<KeySet, String> {
        let url = match &self.source {
            KeySource::At(url) => url.clone(),
            KeySource::Discovered(issuer) => {
                let found = discovery::discover(&self.client, issuer).await;
                let found = found.map_err(|error| error.to_string())?;
                // It was checked with the document.
                found.jwks_uri.parse().unwrap_or_default()
            }
        };
        let keys = fetch::fetch_document(&self.client, &url).await;
        let keys = keys.map_err(|error| format!("{url} {error}"))?;
        KeySet::parse(&keys).map_err(|error| format!("{url}: {error}"))
    }
}

#[cfg(test)]
mod tests;
