//! The issuer's keys, loaded when a token needs them.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{body::Body, http::Uri};
use http_body_util::{BodyExt, Limited};
use shell_core::Timestamp;
use shell_jose::{KeyCache, KeySet, Lookup};
use tokio::sync::{Mutex, RwLock};

use crate::client::Client;

/// How long the issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Largest key set that is read, in bytes. Cognito's is under 1 KiB.
const LIMIT: usize = 256 * 1024;

/// The issuer's key set behind the rules of [`KeyCache`].
#[derive(Debug)]
pub(crate) struct Keys {
    url: Uri,
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
    pub(crate) fn new(url: Uri, client: Client) -> Self {
        Self {
            url,
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
        let loaded = tokio::time::timeout(PATIENCE, self.fetch()).await;
        if let Ok(Some(keys)) = loaded {
            self.cache.write().await.reloaded(keys, now());
        } else {
            tracing::warn!(url = %self.url, "the issuer's keys could not be loaded");
            self.cache.write().await.failed(now());
        }
    }

    async fn fetch(&self) -> Option<KeySet> {
        let request = axum::http::Request::get(self.url.clone())
            .body(Body::empty())
            .ok()?;
        let response = self.client.request(request).await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        let body = Limited::new(response.into_body(), LIMIT)
            .collect()
            .await
            .ok()?;
        let text = String::from_utf8(body.to_bytes().to_vec()).ok()?;
        KeySet::parse(&text).ok()
    }
}

/// The gateway's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_secs())
}
