//! Requests the shell makes for itself: its configuration, and the provider's
//! endpoints. No cookies are sent, and no header that would need a preflight.

use std::fmt;

use gloo_net::http::{Request, RequestBuilder};
use shell_core::{
    intercept, json,
    oauth::{FormPost, Response},
    site,
};
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestMode};

/// How long an endpoint may take, in milliseconds. A person is waiting.
const PATIENCE: u32 = 15_000;

/// A complete answer. Its body may hold tokens, so `Debug` shows the status only.
pub struct HttpResponse {
    status: u16,
    body: String,
}

/// There was no answer: no network, CORS, or 15 seconds were over.
///
/// It holds nothing of the request or of the browser's own error, which may
/// quote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable;

impl HttpResponse {
    /// The answer as `core` reads it.
    pub fn as_response(&self) -> Response<'_> {
        Response {
            status: self.status,
            body: &self.body,
        }
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({})", self.status)
    }
}

/// Posts a form to one of the provider's endpoints.
pub async fn post(form: &FormPost) -> Result<HttpResponse, Unreachable> {
    let request = Request::post(&form.url)
        .cache(RequestCache::NoStore)
        .header("content-type", "application/x-www-form-urlencoded");
    send(request, Some(&form.body)).await.ok_or(Unreachable)
}

/// Gets a document of our own origin, asking the server whether it changed.
pub async fn get(path: &str) -> Result<HttpResponse, Unreachable> {
    let request = Request::get(path).cache(RequestCache::NoCache);
    send(request, None).await.ok_or(Unreachable)
}

/// Which version MLflow says it is. The worker signs the request.
pub async fn mlflow_version() -> Option<String> {
    let response = get(site::VERSION).await.ok()?;
    (response.status == 200).then_some(response.body)
}

/// Asks the gateway for a token for programs. The worker signs the request, as
/// it does every one below `/mlflow`.
pub async fn issue_token() -> Option<String> {
    let response = send(Request::post(intercept::TOKENS), None).await?;
    let issued = json::parse(&response.body).ok()?;
    Some(issued.get("token")?.as_str()?.to_owned())
}

/// Whether anything answers at `origin`. The answer itself stays opaque.
///
/// Asked before a page leaves for another site, where a dead server would
/// strand it on the browser's own error page.
pub async fn reaches(origin: &str) -> bool {
    let request = Request::get(origin)
        .mode(RequestMode::NoCors)
        .cache(RequestCache::NoStore);
    bounded(request).send().await.is_ok()
}

async fn send(request: RequestBuilder, body: Option<&str>) -> Option<HttpResponse> {
    let body = body.map_or(JsValue::UNDEFINED, JsValue::from);
    let response = bounded(request).body(body).ok()?.send().await.ok()?;
    Some(HttpResponse {
        status: response.status(),
        body: response.text().await.ok()?,
    })
}

fn bounded(request: RequestBuilder) -> RequestBuilder {
    request
        .credentials(RequestCredentials::Omit)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)))
}
