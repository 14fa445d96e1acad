//! `/healthz`: whether the gateway runs. `/readyz`: whether it can answer
//! requests, and if not, what is missing.
//!
//! It is ready if
//!
//! 1. each issuer's keys have been loaded. How old they are does not matter:
//!    they serve until there are newer ones.
//! 2. an MLflow server answers. Of several one is enough: to take the gateway
//!    away for one that is down would take the others away, too.
//! 3. the gateway is not shutting down.
//!
//! A scrape of the metrics finds the same. However often it is asked, it asks the
//! servers at most every few seconds. The response names servers as `config.json`
//! does, and has no addresses.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{FutureExt, future};
use serde_json::{Map, json};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    auth::issuers::Issuers,
    components::Components,
    draining::Draining,
    proxy::{Proxy, servers::Server},
    telemetry::metrics::Metrics,
};

/// For how long the servers' answers are reused.
const SNAPSHOT_TTL: Duration = Duration::from_secs(3);

/// How long a server may take to answer.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// What MLflow answers without authentication.
const HEALTH_PATH: &str = "/health";

/// What readiness depends on.
#[derive(Debug)]
pub(crate) struct Readiness {
    issuers: Arc<Issuers>,
    proxy: Arc<Proxy>,
    draining: Draining,
    metrics: Metrics,
    /// What the servers answered last.
    last: Mutex<Option<HealthSnapshot>>,
}

#[derive(Debug, Clone)]
struct HealthSnapshot {
    at: Instant,
    answering: Answering,
}

/// The servers' names, and which of them answer.
type Answering = Vec<(Option<String>, bool)>;

/// What readiness depends on, as it is now.
#[derive(Debug)]
struct Findings {
    keys: bool,
    draining: bool,
    answering: Answering,
}

impl Findings {
    fn is_ready(&self) -> bool {
        self.keys && !self.draining && self.answering.iter().any(|(_, answers)| *answers)
    }
}

/// The two addresses. The metrics are told of the result, too.
pub(crate) fn router(readiness: Readiness) -> Router {
    let readiness = Arc::new(readiness);
    report(&readiness);
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(readiness)
}

/// A router that is gone is not ready. The metrics must not keep it: it has them.
fn report(readiness: &Arc<Readiness>) {
    let weak = Arc::downgrade(readiness);
    readiness.metrics.check_readiness(move || {
        let readiness = weak.upgrade();
        async move {
            match readiness {
                Some(readiness) => readiness.find().await.is_ready(),
                None => false,
            }
        }
        .boxed()
    });
}

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(State(readiness): State<Arc<Readiness>>) -> Response {
    let found = readiness.find().await;
    let ready = found.is_ready();
    readiness.metrics.ready(ready);
    let Findings {
        keys,
        draining,
        answering,
    } = found;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let servers = answering.into_iter().map(|(name, answers)| {
        let name = name.unwrap_or_else(|| "mlflow".to_owned());
        (name, either(answers, "answers", "does not answer").into())
    });
    let body = json!({
        "ready": ready,
        "keys": either(keys, "loaded", "not loaded"),
        "servers": servers.collect::<Map<_, _>>(),
        "draining": draining,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

fn either(is_so: bool, yes: &'static str, no: &'static str) -> &'static str {
    if is_so { yes } else { no }
}

impl Readiness {
    pub(crate) fn new(components: &Components, issuers: &Arc<Issuers>, proxy: &Arc<Proxy>) -> Self {
        Self {
            issuers: issuers.clone(),
            proxy: proxy.clone(),
            draining: components.draining.clone(),
            metrics: components.metrics.clone(),
            last: Mutex::default(),
        }
    }

    async fn find(&self) -> Findings {
        let answering = self.snapshot().await.answering;
        Findings {
            keys: self.issuers.are_loaded(),
            draining: self.draining.is_announced(),
            answering,
        }
    }

    /// One request asks at a time; the others wait for what it gets.
    async fn snapshot(&self) -> HealthSnapshot {
        let mut last = self.last.lock().await;
        match &*last {
            Some(snapshot) if snapshot.at.elapsed() < SNAPSHOT_TTL => snapshot.clone(),
            _ => last.insert(ask(&self.proxy).await).clone(),
        }
    }
}

async fn ask(proxy: &Proxy) -> HealthSnapshot {
    let servers = proxy.servers.iter().map(async |server| {
        let name = server.name().map(ToOwned::to_owned);
        (name, answers(proxy, server).await)
    });
    HealthSnapshot {
        answering: future::join_all(servers).await,
        at: Instant::now(),
    }
}

/// Whether a server answers, and not with a fault of its own.
async fn answers(proxy: &Proxy, server: &Server) -> bool {
    let Ok(request) = Request::get("/").body(Body::empty()) else {
        return false;
    };
    let asked = server.upstream.send(&proxy.client, HEALTH_PATH, request);
    let answer = tokio::time::timeout(HEALTH_TIMEOUT, asked).await;
    matches!(answer, Ok(Ok(answer)) if !answer.status().is_server_error())
}
