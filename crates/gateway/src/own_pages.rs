//! What only our own pages and their worker are answered.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Answers pages at this origin only, and keeps every answer out of caches.
pub(crate) async fn answer(
    State(origin): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if is_from(&origin, request.headers()) {
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

/// Scripts can set neither header.
fn is_from(origin: &str, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| {
        let mut said = headers.get_all(name).iter();
        said.next().is_some_and(|said| said == value) && said.next().is_none()
    };
    says("sec-fetch-site", "same-origin") && says("origin", origin)
}

/// Whether a request says that its body is a form.
pub(crate) fn has_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}
