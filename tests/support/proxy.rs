//! A server in front of another one, so that what is asked can be recorded.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header, uri::PathAndQuery},
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

/// MLflow's server closes a connection that was idle for five seconds; one that
/// is about to be closed is not used again.
pub(crate) const IDLE: Duration = Duration::from_secs(2);

/// Whose name a request goes on under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The name the client asked for.
    Kept,
    /// The server's own.
    Replaced,
}

/// Passes everything on to `base`, such as `http://127.0.0.1:5000`.
///
/// # Panics
/// If `base` is not a URL.
pub fn to(base: &str, host: Host) -> Router {
    let base: Uri = base.parse().expect("a URL");
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(HttpConnector::new());
    Router::new().fallback(move |request| forward(client.clone(), base.clone(), host, request))
}

async fn forward(
    client: Client<HttpConnector, Body>,
    base: Uri,
    host: Host,
    mut request: Request,
) -> Response {
    let path = request.uri().path_and_query().cloned();
    let mut parts = base.into_parts();
    parts.path_and_query = path.or(Some(PathAndQuery::from_static("/")));
    if let (Host::Replaced, Some(authority)) = (host, &parts.authority) {
        let authority = HeaderValue::from_str(authority.as_str()).expect("an authority");
        request.headers_mut().insert(header::HOST, authority);
    }
    *request.uri_mut() = Uri::from_parts(parts).expect("parts of URLs");
    match client.request(request).await {
        Ok(response) => response.into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
