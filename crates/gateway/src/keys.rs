//! An issuer's keys, loaded when a token needs them.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use shell_core::Timestamp;
use shell_jose::{KeyCache, KeySet, Lookup};
use tokio::sync::{Mutex, RwLock};

use crate::{client::Client, discovery, fetch, settings::KeySource};

/// An issuer's key set behind the rules of [`KeyCache`].
#[derive(Debug)]
pub(crate) struct Keys {
    source: KeySource,
    client: Client,
    cache: RwLock<KeyCache>,
    loading: Mutex<()>,
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
    pub(crate) fn new(source: KeySource, client: Client) -> Self {
        Self {
            source,
            client,
            cache: RwLock::default(),
            loading: Mutex::default(),
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
        match loaded {
            Ok(keys) => cache.reloaded(keys, now()),
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
