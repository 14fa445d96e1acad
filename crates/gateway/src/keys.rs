//! An issuer's keys, loaded when a token needs them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use shell_core::Timestamp;
use shell_jose::{KeyCache, KeySet, Lookup};
use tokio::sync::{Mutex, RwLock};

use crate::{
    client::Client,
    discovery, fetch,
    metrics::Metrics,
    settings::{KeySource, TrustedIssuer},
};

/// The longest pause between two attempts to load keys before anybody needs them.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// An issuer's key set behind the rules of [`KeyCache`].
#[derive(Debug)]
pub(crate) struct Keys {
    issuer: String,
    source: KeySource,
    client: Client,
    cache: RwLock<KeyCache>,
    loading: Mutex<()>,
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
            loading: Mutex::default(),
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
        if let Some(answer) = self.known(kid).await {
            return answer;
        }
        // One load at a time; who waited looks again before loading.
        let _turn = self.loading.lock().await;
        if let Some(answer) = self.known(kid).await {
            return answer;
        }
        self.load().await;
        self.known(kid).await.unwrap_or(Err(NoKeys::Unavailable))
    }

    async fn known(self: &Arc<Self>, kid: &str) -> Option<Result<KeySet, NoKeys>> {
        match self.cache.read().await.lookup(kid, now()) {
            Lookup::Found(keys) => Some(Ok(keys)),
            Lookup::Stale(keys) => {
                self.load_in_background();
                Some(Ok(keys))
            }
            Lookup::Reload => None,
            Lookup::Unknown => Some(Err(NoKeys::Unknown)),
            Lookup::Unavailable => Some(Err(NoKeys::Unavailable)),
        }
    }

    fn load_in_background(self: &Arc<Self>) {
        let keys = self.clone();
        tokio::spawn(async move {
            // Somebody else's turn is as good as ours.
            if let Ok(_turn) = keys.loading.try_lock() {
                keys.load().await;
            }
        });
    }

    async fn load(&self) {
        let loaded = self.fetch().await;
        let mut cache = self.cache.write().await;
        let when = loaded.is_ok().then(|| now().0);
        self.metrics.key_load(&self.issuer, when);
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
