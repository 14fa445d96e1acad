//! Several gateways behind a balancer that sends each request to the next of
//! them: no session is sticky.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Result;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, Uri, request::Parts},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use shell_gateway::{Components, LivePolicy, Metrics, TokenKeys, Tracer, settings::TokenSettings};

use crate::{proxy::IDLE, server::Server};

/// The largest body that is sent again to the next instance, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Thirty-two bytes, as a file of keys has them.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

#[derive(Clone)]
struct Balancer {
    client: Client<HttpConnector, Body>,
    instances: Arc<[String]>,
    next: Arc<AtomicUsize>,
}

/// Starts so many gateways, which have nothing in common but their settings and
/// a file of keys, and returns the balancer before them.
///
/// # Errors
/// If one does not start.
pub async fn start(count: usize, settings: &Components) -> Result<(Router, Vec<Server>)> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("keys");
    fs::write(&file, KEY)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    let by = TokenSettings {
        key_file: Some(file),
        registry: settings.settings.tokens.registry.clone(),
        ..TokenSettings::default()
    };
    let mut servers = Vec::new();
    for _ in 0..count {
        let own = Components {
            policy: LivePolicy::default(),
            token_keys: TokenKeys::new(&by)?,
            metrics: Metrics::default(),
            tracer: Tracer::default(),
            ..settings.clone()
        };
        servers.push(Server::start(shell_gateway::router(own)).await?);
    }
    let balancer = Balancer {
        client: Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(HttpConnector::new()),
        instances: servers.iter().map(Server::origin).collect(),
        next: Arc::default(),
    };
    let router = Router::new().fallback(balance).with_state(balancer);
    Ok((router, servers))
}

async fn balance(State(balancer): State<Balancer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    for _ in 0..balancer.instances.len() {
        if let Some(response) = balancer.ask_next(&parts, body.clone()).await {
            return response;
        }
    }
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

impl Balancer {
    /// The answer of the next instance, if it gives one. One that has gone has
    /// answered nothing, and done nothing.
    async fn ask_next(&self, parts: &Parts, body: Bytes) -> Option<Response> {
        let next = self.next.fetch_add(1, Ordering::SeqCst) % self.instances.len();
        let path = parts.uri.path_and_query()?.as_str();
        let url: Uri = [self.instances[next].as_str(), path]
            .concat()
            .parse()
            .ok()?;
        let mut request = Request::from_parts(parts.clone(), Body::from(body));
        *request.uri_mut() = url;
        let response = self.client.request(request).await.ok()?;
        Some(response.into_response())
    }
}
