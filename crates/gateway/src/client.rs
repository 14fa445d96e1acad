//! The one HTTP client: to MLflow, and to the issuer for its keys.

use std::{error::Error, time::Duration};

use axum::body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept. Shorter than uvicorn's own 5 s would
/// allow is safe: a connection the server closed first fails a request.
const IDLE: Duration = Duration::from_secs(4);

pub(crate) type Client = legacy::Client<HttpsConnector<HttpConnector>, Body>;

pub(crate) fn new() -> Client {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_nodelay(true);
    connector.enforce_http(false);
    let connector = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        .pool_timer(TokioTimer::new())
        .build(connector)
}

/// The innermost cause of an error, which says what went wrong.
pub(crate) fn root_cause(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => root_cause(source),
        None => error.to_string(),
    }
}
