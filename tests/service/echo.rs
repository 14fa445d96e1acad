//! A server that stands for MLflow.

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use futures_util::StreamExt;
use serde_json::{Map, Value, json};

/// A file of the bundle with a hash in its name, worth compressing.
pub(crate) const SCRIPT: &str = "/static-files/static/js/main.1a2b3c4d.js";

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
        .route("/counted", axum::routing::any(counted))
        .route(SCRIPT, get(script))
        .fallback(tell)
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
