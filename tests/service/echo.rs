//! A server that stands for MLflow.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

/// A file of the bundle with a hash in its name, worth compressing.
pub(crate) const SCRIPT: &str = "/static-files/static/js/main.1a2b3c4d.js";

/// A file of the bundle that is missing, although its name has a hash.
pub(crate) const GONE: &str = "/static-files/static/js/gone.00d66947.js";

/// A document of the bundle, as MLflow 3 has one, and a worker's script.
pub(crate) const BUNDLE: [(&str, &str); 2] = [
    (
        "/static-files/lib/notebook-trace-renderer/index.html",
        "text/html; charset=utf-8",
    ),
    ("/static-files/pdf.worker.js", "text/javascript"),
];

/// An endpoint of MLflow's AI gateway that answers piece by piece.
pub(crate) const STREAM: &str = "/gateway/stream/mlflow/invocations";

/// Lets [`STREAM`] send its next piece.
pub(crate) static NEXT: Notify = Notify::const_new();

/// What a server in front of MLflow may say of everything.
pub(crate) const STRICT: [&str; 2] = [
    "sandbox; default-src 'none'; frame-ancestors 'self'; report-uri https://reports.example",
    "img-src 'self'",
];

/// Answers JSON that tells the request, and a few things of another kind.
pub(crate) fn router() -> Router {
    Router::new()
        .route(
            "/",
            get(|| async {
                // As MLflow 3.18.0 does.
                let headers = [(header::X_FRAME_OPTIONS, "SAMEORIGIN")];
                (headers, Html("<!doctype html><title>MLflow</title>"))
            }),
        )
        .route("/typed", get(artifact))
        .route("/strict/{*path}", axum::routing::any(strict))
        .route(BUNDLE[0].0, get(async || bundle_file(BUNDLE[0].1)))
        .route(BUNDLE[1].0, get(async || bundle_file(BUNDLE[1].1)))
        .route(GONE, get(async || StatusCode::NOT_FOUND))
        .route("/version", get(|| async { "3.18.0" }))
        .route(
            "/never",
            axum::routing::any(std::future::pending::<StatusCode>),
        )
        .route(
            "/away",
            get(async || redirect("https://elsewhere.example/")),
        )
        .route("/moved", get(async || redirect("/ajax-api/2.0/there")))
        .route("/moved-in-full", get(moved_in_full))
        .route(STREAM, post(stream_events))
        .route("/counted", axum::routing::any(counted))
        .fallback(tell)
        .layer(middleware::map_response(for_everybody))
        .route(SCRIPT, get(script))
}

/// Says that everybody may keep an answer, as MLflow does not: it is what a
/// gateway must not believe.
async fn for_everybody(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "public, max-age=600"),
        (header::EXPIRES, "Thu, 01 Jan 2099 00:00:00 GMT"),
        (header::PRAGMA, "cache"),
        (header::AGE, "1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What [`SCRIPT`] holds.
pub(crate) fn script_text() -> String {
    "console.log('the released bundle');\n".repeat(500)
}

async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=2419200"),
    ];
    (headers, script_text())
}

/// An artifact of the media type that the query is.
async fn artifact(request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let kind = HeaderValue::try_from(query.trim_start_matches("type=")).expect("a header");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=a"),
        ),
    ];
    (headers, "<script>postMessage(1)</script>").into_response()
}

/// As MLflow sends its files.
fn bundle_file(kind: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::CACHE_CONTROL, "public, max-age=2419200"),
        (header::CONTENT_SECURITY_POLICY, "img-src 'none'"),
    ];
    (headers, "a file of the bundle").into_response()
}

/// An answer with policies of its own.
async fn strict() -> Response {
    let mut response = Html("<p>an answer").into_response();
    let headers = response.headers_mut();
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    for policy in STRICT {
        let policy = HeaderValue::from_static(policy);
        headers.append(header::CONTENT_SECURITY_POLICY, policy);
    }
    let reports = HeaderValue::from_static("default-src 'none'; report-uri /reports");
    headers.insert(header::CONTENT_SECURITY_POLICY_REPORT_ONLY, reports);
    response
}

fn redirect(location: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

async fn moved_in_full(headers: HeaderMap) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let location = format!("http://{}/ajax-api/2.0/there", host.unwrap_or_default());
    let location = HeaderValue::try_from(location).expect("a header");
    (
        StatusCode::PERMANENT_REDIRECT,
        [(header::LOCATION, location)],
    )
        .into_response()
}

/// Two events, the second when it is asked for.
async fn stream_events() -> Response {
    let pieces = stream::unfold(1, async |number| match number {
        1 => Some((Ok::<_, Infallible>("data: 1\n\n"), 2)),
        2 => {
            NEXT.notified().await;
            Some((Ok("data: 2\n\n"), 3))
        }
        _ => None,
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(pieces)).into_response()
}

/// How many bytes arrived.
async fn counted(request: Request) -> String {
    let mut body = request.into_body().into_data_stream();
    let mut count = 0;
    while let Some(Ok(part)) = body.next().await {
        count += part.len();
    }
    count.to_string()
}

async fn tell(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024 * 1024).await;
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                json!(String::from_utf8_lossy(value.as_bytes())),
            )
        })
        .collect();
    let told = json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query(),
        "headers": headers,
        "length": body.map(|body| body.len()).unwrap_or_default(),
    });
    (
        [(header::CONTENT_TYPE, "application/json")],
        told.to_string(),
    )
        .into_response()
}
