//! What a deployment puts in front of its MLflow: a switch that makes it
//! refuse everyone, and six endpoints that MLflow does not have.
//!
//! | below `/mlflow` | answers |
//! |---|---|
//! | `ajax-api/2.0/slow?seconds=N` | a byte every half second for N seconds, of unknown length |
//! | `ajax-api/2.0/nowhere` | what API Gateway answers for a route it does not have |
//! | `ajax-api/2.0/away?to=URL` | a redirect to that URL |
//! | `ajax-api/2.0/echo` | `{"method", "length", "sha256", "bearer"}` of the request |
//! | `ajax-api/2.0/worker.mjs` | [`WORKER`], as MLflow answers for an artifact of that name |
//! | `static-files/stray.worker.js` | the same, as if it was of the bundle |
//!
//! Other origins may read all of them, as they may read what MLflow answers.
//! `sha256` is in base64url, without padding, and null if the body is no text;
//! `bearer` says whether the gateway was shown one: MLflow itself never is. It says
//! that everybody may keep it for ten minutes, which a shell must not believe.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use hyper::body::{Body as Frames, Frame};
use serde_json::json;
use shell_core::pkce;
use tokio::time::{Instant, Interval, interval_at};

/// Where browsers find the slow answer.
pub const SLOW: &str = "/mlflow/ajax-api/2.0/slow";

/// Where browsers find the echo.
pub const ECHO: &str = "/mlflow/ajax-api/2.0/echo";

/// Where browsers find the words of API Gateway.
pub const NOWHERE: &str = "/mlflow/ajax-api/2.0/nowhere";

/// Where browsers find the redirect.
pub const AWAY: &str = "/mlflow/ajax-api/2.0/away";

/// Where browsers find the script of a worker that is an artifact.
pub const STRAY: &str = "/mlflow/ajax-api/2.0/worker.mjs";

/// Where browsers find it among the files of the bundle.
pub const BUNDLED: &str = "/mlflow/static-files/stray.worker.js";

/// The script of a worker, shared or not, that asks for the URL it is told, and
/// says what came of it.
pub const WORKER: &str = "\
    const ask = (port, url) => fetch(url, { mode: 'no-cors', cache: 'no-store' })\
        .then(() => port.postMessage('reached'), () => port.postMessage('refused'));\
    self.onmessage = ({ data }) => ask(self, data);\
    self.onconnect = ({ ports: [port] }) => { port.onmessage = ({ data }) => ask(port, data); };";

/// How the gateway's door tells the echo what the gateway takes away.
const BEARER: &str = "x-test-bearer";

const BEAT: Duration = Duration::from_millis(500);

/// More than any scenario sends, in bytes.
const LARGEST: usize = 256 * 1024 * 1024;

/// Whether MLflow refuses everyone. Clones are the same switch.
#[derive(Debug, Clone, Default)]
pub struct Refusing(Arc<AtomicBool>);

impl Refusing {
    /// Answers 401 from now on, or no longer.
    pub fn set(&self, refuse: bool) {
        self.0.store(refuse, Ordering::SeqCst);
    }

    /// Puts the switch in front of `mlflow`. Its version and its public bundle
    /// are for everyone all the same.
    pub fn around(&self, mlflow: Router) -> Router {
        mlflow.layer(middleware::from_fn_with_state(self.clone(), refuse))
    }
}

/// Puts the endpoints beside `mlflow`.
pub fn with_extras(mlflow: Router) -> Router {
    let path = |path: &'static str| path.strip_prefix("/mlflow").unwrap_or(path);
    Router::new()
        .route(path(SLOW), get(slow))
        .route(path(ECHO), any(echo))
        .route(path(NOWHERE), any(nowhere))
        .route(path(AWAY), any(away))
        .route(path(STRAY), get(worker))
        .route(path(BUNDLED), get(worker))
        .layer(middleware::from_fn(readable))
        .fallback_service(mlflow)
}

/// Tells the echo at the gateway's door what the gateway will not.
pub(crate) async fn tell_bearer(mut request: Request, next: Next) -> Response {
    // Whatever API Gateway has before it.
    if request.uri().path().ends_with(ECHO) {
        let shown = request.headers().contains_key(header::AUTHORIZATION);
        let value = HeaderValue::from_static(if shown { "yes" } else { "no" });
        request.headers_mut().insert(BEARER, value);
    }
    next.run(request).await
}

async fn refuse(State(refusing): State<Refusing>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_public = path == "/version" || path.starts_with("/static-files/");
    if refusing.0.load(Ordering::SeqCst) && !is_public {
        // Read first: Firefox gives up a request that is answered while it is
        // still being sent.
        let _ = axum::body::to_bytes(request.into_body(), LARGEST).await;
        return (StatusCode::UNAUTHORIZED, "MLflow refuses everyone").into_response();
    }
    next.run(request).await
}

/// Lets the origin that asks read the answer.
async fn readable(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

async fn away(request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let to = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "to");
    let to = to.map_or_else(String::new, |(_, to)| to.into_owned());
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
}

async fn worker() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript"),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    (headers, WORKER).into_response()
}

async fn nowhere() -> Response {
    let kind = [("x-amzn-errortype", "MissingAuthenticationTokenException")];
    let words = json!({ "message": "Missing Authentication Token" });
    (StatusCode::FORBIDDEN, kind, words.to_string()).into_response()
}

async fn slow(request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let seconds = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "seconds").then(|| value.parse::<u16>().ok())?);
    let Some(seconds) = seconds.map(u32::from) else {
        return (StatusCode::BAD_REQUEST, "?seconds=N").into_response();
    };
    let body = Beats {
        interval: interval_at(Instant::now() + BEAT, BEAT),
        left: 2 * seconds,
    };
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    (kind, Body::new(body)).into_response()
}

async fn echo(request: Request) -> Result<Response, StatusCode> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST).await;
    let body = body.map_err(|_| StatusCode::BAD_REQUEST)?;
    let told = json!({
        "method": parts.method.as_str(),
        "length": body.len(),
        "sha256": std::str::from_utf8(&body).ok().map(pkce::challenge),
        "bearer": parts.headers.get(BEARER).is_some_and(|value| value == "yes"),
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=600"),
    ];
    Ok((headers, told.to_string()).into_response())
}

/// A body of one byte per beat.
struct Beats {
    interval: Interval,
    left: u32,
}

impl Frames for Beats {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        ready!(self.interval.poll_tick(context));
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b".")))))
    }
}

#[cfg(test)]
mod tests;
