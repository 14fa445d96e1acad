//! The issuer's keys, loaded when a token needs them.

use std::{error::Error, fmt, time::Duration};

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use shell_core::{Timestamp, bounds::PROVIDER_DOCUMENT};
use shell_jose::{KeyCache, KeyHint, KeySet, Lookup};
use tokio::sync::Mutex;

use crate::{Failure, UnauthorizedReason, trust};

/// How long the issuer may take to answer. Lambda's own default for the whole
/// function is 3 s, and a function that is killed forgets its keys.
const PATIENCE: Duration = Duration::from_secs(2);

type Client = legacy::Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// The issuer's key set behind the rules of [`KeyCache`].
pub(crate) struct Keys {
    url: Uri,
    client: Client,
    cache: Mutex<KeyCache>,
}

impl Keys {
    pub(crate) fn new(url: Uri) -> Self {
        Self {
            url,
            client: client(),
            cache: Mutex::default(),
        }
    }

    /// The keys to verify a token with that says this of its key.
    ///
    /// Old keys are loaded again before they are used, not in the background:
    /// Lambda stops the process between events.
    pub(crate) async fn for_hint(&self, hint: &KeyHint, now: Timestamp) -> Result<KeySet, Failure> {
        let mut cache = self.cache.lock().await;
        if let Some(settled) = settled(cache.lookup(hint, now)) {
            return settled;
        }
        match self.load().await {
            Ok(keys) => {
                for key in keys.ignored() {
                    tracing::info!(url = %self.url, %key, "a published key is not used");
                }
                cache.reloaded(keys, now);
            }
            Err(why) => {
                tracing::warn!(url = %self.url, why, "the issuer's keys could not be loaded");
                cache.failed(now);
            }
        }
        settled(cache.lookup(hint, now)).unwrap_or(Err(Failure::Unverifiable))
    }

    async fn load(&self) -> Result<KeySet, String> {
        match tokio::time::timeout(PATIENCE, self.fetch()).await {
            Ok(Ok(keys)) => Ok(keys),
            Ok(Err(error)) => Err(root_cause(&*error)),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    async fn fetch(&self) -> Result<KeySet, Box<dyn Error + Send + Sync>> {
        let request = Request::get(self.url.clone()).body(Empty::new())?;
        let response = self.client.request(request).await?;
        if !response.status().is_success() {
            return Err(format!("answered {}", response.status()).into());
        }
        let body = Limited::new(response.into_body(), PROVIDER_DOCUMENT)
            .collect()
            .await?;
        Ok(KeySet::parse(std::str::from_utf8(&body.to_bytes())?)?)
    }
}

/// What a lookup settles, unless it asks for the keys to be loaded.
fn settled(lookup: Lookup) -> Option<Result<KeySet, Failure>> {
    match lookup {
        Lookup::Found(keys) => Some(Ok(keys)),
        Lookup::Stale(_) | Lookup::Reload => None,
        Lookup::Unknown => Some(Err(Failure::Unauthorized(UnauthorizedReason::UnknownKey))),
        Lookup::Unavailable => Some(Err(Failure::Unverifiable)),
    }
}

/// Plain HTTP is for this machine only, which [`Settings`](crate::Settings)
/// sees to. Connections are not kept: they would not outlive Lambda's pauses.
fn client() -> Client {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(trust::client_config())
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    legacy::Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector)
}

/// The innermost cause of an error, which says what went wrong.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(source) => root_cause(source),
        None => error.to_string(),
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.url)
    }
}

#[cfg(test)]
mod tests;
