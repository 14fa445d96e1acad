//! `core` words a refusal; this sends it.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shell_core::refusal::{self, Asker, Cause, Refusal};

/// The response that tells `asker`, who asked for `server`, of `cause`.
pub(crate) fn refuse(cause: &Cause, asker: Asker, server: Option<&str>) -> Response {
    match refusal::refuse(cause, asker, server) {
        Refusal::ToShell(path) => (
            StatusCode::SEE_OTHER,
            [
                (header::LOCATION, path),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ],
        )
            .into_response(),
        Refusal::Page(status, html) => document(status, "text/html; charset=utf-8", html),
        Refusal::Json(status, json) => document(status, "application/json", json),
    }
}

fn document(status: u16, kind: &'static str, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, refusal::PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut response = (status, headers, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"mlflow\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
