//! CORS: what an origin may read that is about to frame the shell.
//!
//! Jupyter's iframe extension loads the address from its own page first,
//! and the icon of its origin afterwards; if the browser does not let it read
//! the answer, it shows the page through Jupyter's own server, under Jupyter's
//! origin, where the shell cannot run. So:
//!
//! 1. The document `/` and `/favicon.ico` may be read by the origins that may
//!    frame the shell, and by no other. Nothing in them is secret.
//! 2. Never with credentials, and nothing else may be read by another origin.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shell_core::{Config, hosting::PROBED};

/// Lets the origins that may frame the shell read what they ask for first.
pub(crate) async fn allow_framing_origins(
    State(config): State<Arc<Config>>,
    request: Request,
    next: Next,
) -> Response {
    if config.frame_ancestors.is_empty() || !PROBED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let reader = reader(&config, request.headers());
    let mut response = if reader.is_some() && request.method() == Method::OPTIONS {
        let methods = HeaderValue::from_static("GET, HEAD");
        let headers = [(header::ACCESS_CONTROL_ALLOW_METHODS, methods)];
        (StatusCode::NO_CONTENT, headers).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = reader {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// The origin that asks, if it may frame the shell.
fn reader(config: &Config, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    config
        .may_frame(origin.to_str().ok()?)
        .then(|| origin.clone())
}
