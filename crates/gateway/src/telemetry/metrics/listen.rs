//! The server that Prometheus scrapes, on an address of its own.

use std::sync::Arc;

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use tokio::net::TcpListener;

use super::{MEDIA_TYPE, Metrics};

/// Answers `GET /metrics` to every client that connects.
///
/// # Errors
/// If the listener fails.
pub async fn serve_metrics(listener: TcpListener, metrics: Metrics) -> std::io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(text))
        .with_state(Arc::new(metrics));
    axum::serve(listener, router).await
}

async fn text(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics.scrape().await)
}
