//! `[metrics]`: where Prometheus asks, which is never where people do.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::{MEDIA_TYPE, Metrics};

/// Where the metrics are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsAt {
    /// The address; nowhere without one. Whoever can reach it may read them.
    pub listen: Option<SocketAddr>,
}

/// Answers `GET /metrics` to whoever connects.
///
/// # Errors
/// If the listener fails.
pub async fn serve(listener: TcpListener, metrics: Metrics) -> std::io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(text))
        .with_state(Arc::new(metrics));
    axum::serve(listener, router).await
}

async fn text(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics.text())
}
