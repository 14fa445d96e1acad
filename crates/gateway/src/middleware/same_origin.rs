//! The same-origin guard: answers only pages of this site and their worker.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use shell_core::initiator::Sender;

use crate::fetch_metadata;

/// Answers pages at this origin only, and keeps every answer out of caches.
pub(crate) async fn require_same_origin(
    State(origin): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let initiator = fetch_metadata::initiator(request.headers());
    let mut response = if initiator.is_own_script(&origin, Sender::Itself) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
