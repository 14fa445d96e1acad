//! Error responses: `core` decides on status and text of a refusal.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::ext::ReasonPhrase;
use shell_core::{
    Config,
    content_security_policy::Sources,
    refusal::{self, Problem, Refusal, Requester},
};

/// `Retry-After` of a request that was shed, in seconds: by then some slots are
/// free, and every rate limit admits some more.
pub(crate) const SOON: u16 = 2;

/// The response to a request of `requester` for `server` that is refused because of
/// `cause`.
pub(crate) fn refuse(
    config: &Config,
    cause: &Problem,
    requester: Requester,
    server: Option<&str>,
) -> Response {
    let mut response = match refusal::refuse(cause, requester, server) {
        Refusal::ToShell(path) => (
            StatusCode::SEE_OTHER,
            [
                (header::LOCATION, path),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ],
        )
            .into_response(),
        Refusal::Page(status, html) => document(config, status, "text/html; charset=utf-8", html),
        Refusal::Json(status, json) => document(config, status, "application/json", json),
    };
    let challenge = cause.challenge().map(HeaderValue::try_from);
    if let Some(Ok(challenge)) = challenge {
        let headers = response.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    if [Problem::OVERLOADED, Problem::TOO_OFTEN].contains(cause) {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, SOON.into());
    }
    response
}

fn document(config: &Config, status: u16, kind: &'static str, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let policy = Sources::of(config).refusal_page();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body).into_response()
}

/// Says in the status line what happened, for clients that show nothing else, such
/// as MLflow's for TypeScript. HTTP/2 has no such text.
pub(crate) fn name_status(response: &mut Response, cause: &Problem) {
    if let Ok(phrase) = ReasonPhrase::try_from(cause.title().as_bytes()) {
        response.extensions_mut().insert(phrase);
    }
}
