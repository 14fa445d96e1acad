//! `/readyz`: whether requests can be answered, and if not, what is missing.
//!
//! 1. Each issuer's keys have been loaded. How old they are does not matter:
//!    they serve until there are newer ones.
//! 2. An MLflow server answers. Of several it takes one: to take the gateway
//!    away for one that is down would take the others away, too.
//! 3. The gateway is not about to end.
//!
//! Whoever asks, the servers are asked at most every few seconds. The answer
//! names servers as `config.json` does, and has no addresses.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::future;
use serde_json::{Map, json};
use tokio::{sync::Mutex, time::Instant};

use crate::{Gateway, servers::Server};

/// For how long the servers' answers are believed.
const FRESH: Duration = Duration::from_secs(3);

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What MLflow answers to whoever asks.
const HEALTH: &str = "/health";

/// What the servers last answered.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<Asked>>);

#[derive(Debug, Clone)]
struct Asked {
    at: Instant,
    answering: Vec<(Option<String>, bool)>,
}

/// Answers whoever may send requests here, or elsewhere.
pub(crate) async fn answer(State(gateway): State<Arc<Gateway>>) -> Response {
    let keys = gateway.issuers.are_loaded();
    let draining = gateway.settings.draining.has_begun();
    let answering = gateway.readiness.of(&gateway).await.answering;
    let ready = keys && !draining && answering.iter().any(|(_, answers)| *answers);
    gateway.settings.metrics.ready(ready);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let servers = answering.into_iter().map(|(name, answers)| {
        let name = name.unwrap_or_else(|| "mlflow".to_owned());
        (name, said(answers, "answers", "does not answer").into())
    });
    let told = json!({
        "ready": ready,
        "keys": said(keys, "loaded", "not loaded"),
        "servers": servers.collect::<Map<_, _>>(),
        "draining": draining,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, told.to_string()).into_response()
}

fn said(is_so: bool, yes: &'static str, no: &'static str) -> &'static str {
    if is_so { yes } else { no }
}

impl Readiness {
    /// One asks at a time, and who waited for that is told the same.
    async fn of(&self, gateway: &Gateway) -> Asked {
        let mut last = self.0.lock().await;
        match &*last {
            Some(asked) if asked.at.elapsed() < FRESH => asked.clone(),
            _ => last.insert(ask(gateway).await).clone(),
        }
    }
}

async fn ask(gateway: &Gateway) -> Asked {
    let servers = gateway.servers.iter().map(async |server| {
        let name = server.name().map(ToOwned::to_owned);
        (name, answers(gateway, server).await)
    });
    Asked {
        answering: future::join_all(servers).await,
        at: Instant::now(),
    }
}

/// Whether a server answers, and not with a fault of its own.
async fn answers(gateway: &Gateway, server: &Server) -> bool {
    let Ok(request) = Request::get("/").body(Body::empty()) else {
        return false;
    };
    let asked = server.upstream.send(&gateway.client, HEALTH, request);
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    matches!(answer, Ok(Ok(answer)) if !answer.status().is_server_error())
}
