//! Response headers: of everything, of pages, of endpoints that scripts fetch.

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL,
            CONTENT_SECURITY_POLICY, HOST, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use shell_core::Origin;

use crate::{Fault, Provider};

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// No scripts, nothing loaded, no frames. There is no `form-action`: browsers
/// apply it to the redirect after the form too, which leads to the app.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
     base-uri 'none'; frame-ancestors 'none'";

/// Where the token endpoint is.
pub(crate) const TOKEN: &str = "/oauth2/token";

/// Refuses a request that was not addressed to this machine: one that came
/// through a proxy with a public name, or by DNS rebinding.
pub(crate) async fn stay_local(request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(Authority::as_str);
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let local = |host: &str| Origin::parse(&format!("http://{host}")).is_ok();
    if !authority.or(host).is_some_and(local) {
        let problem = "the development provider answers to localhost only";
        return (StatusCode::MISDIRECTED_REQUEST, problem).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    put(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, X_FRAME_OPTIONS, "DENY");
    put(headers, CACHE_CONTROL, "no-store");
    response
}

/// Headers of what a user navigates to, redirects included.
pub(crate) async fn page(
    State(provider): State<Provider>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    put(headers, CONTENT_SECURITY_POLICY, PAGE_POLICY);
    if !provider.faults().has(Fault::NoOpenerPolicy) {
        put(headers, COOP, "same-origin");
    }
    response
}

/// Answers preflights, and lets every origin read the answers, unless a fault keeps
/// those of the token endpoint from it. Whatever headers a client wants to send are
/// allowed, as at Cognito.
pub(crate) async fn cors(
    State(provider): State<Provider>,
    request: Request,
    next: Next,
) -> Response {
    let is_token = request.uri().path() == TOKEN;
    let wanted = request
        .headers()
        .get(ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned();
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    let faults = provider.faults();
    let is_refusal = !response.status().is_success();
    let is_hidden =
        faults.has(Fault::NoCors) || (is_refusal && faults.has(Fault::RefusalsWithoutCors));
    if is_token && is_hidden {
        return response;
    }
    let headers = response.headers_mut();
    put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    if let Some(wanted) = wanted {
        put(headers, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    }
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
