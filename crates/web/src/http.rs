//! Requests the shell makes for itself: its configuration, and the provider's
//! endpoints. Cookies are sent to no other site, and no header that would need a
//! preflight.

use std::{fmt, future::Future};

use gloo_net::http::{Request, RequestBuilder};
use shell_core::{
    intercept, json,
    oauth::{self, FormPost, Unanswered},
    site,
};
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestMode};

use crate::scope;

/// How long an endpoint may take, in milliseconds. A person is waiting.
const PATIENCE: u32 = 15_000;

/// A complete answer. Its body may hold tokens, so `Debug` shows the status only.
pub struct HttpResponse {
    status: u16,
    body: String,
}

/// How long it may take to find out whether an endpoint can be reached at all, in
/// milliseconds.
const PROBE_PATIENCE: u32 = 5_000;

/// What browsers call the error of a request that took too long.
const TOO_LONG: &str = "TimeoutError";

impl HttpResponse {
    /// The answer as `core` reads it.
    pub fn as_response(&self) -> oauth::Response<'_> {
        oauth::Response {
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

/// Why there is nothing to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The browser had no answer that we may read.
    NoAnswer,
    /// It took too long, or broke off.
    Otherwise,
}

impl Failed {
    /// A browser gives no reason but one: that a limit of time was over.
    fn of(error: &gloo_net::Error) -> Self {
        let took_too_long =
            matches!(error, gloo_net::Error::JsError(error) if error.name == TOO_LONG);
        if took_too_long {
            Self::Otherwise
        } else {
            Self::NoAnswer
        }
    }
}

/// Posts a form to one of the provider's endpoints, or to the gateway in its place,
/// which alone gets this site's cookies.
///
/// # Errors
/// They hold nothing of the request or of the browser's own error, which may
/// quote it. A browser says no more than that the request failed, so an endpoint
/// that can be reached is taken for one whose answer is hidden.
pub async fn post(form: &FormPost) -> Result<HttpResponse, Unanswered> {
    match post_once(form).await {
        Ok(response) => Ok(response),
        Err(Failed::NoAnswer) if probe(&form.url, PROBE_PATIENCE).await => {
            Err(Unanswered::Unreadable)
        }
        Err(_) => Err(Unanswered::Unreachable),
    }
}

/// The same, for who does not ask why there is no answer.
pub fn post_once(form: &FormPost) -> impl Future<Output = Result<HttpResponse, Failed>> + use<> {
    let credentials = if is_own(&form.url) {
        RequestCredentials::SameOrigin
    } else {
        RequestCredentials::Omit
    };
    let request = Request::post(&form.url)
        .credentials(credentials)
        .cache(RequestCache::NoStore)
        .header("content-type", "application/x-www-form-urlencoded");
    send(request, Some(&form.body))
}

fn is_own(url: &str) -> bool {
    let own = scope::own_origin();
    url.strip_prefix(&own)
        .is_some_and(|path| path.starts_with('/'))
}

/// Gets a document of our own origin, asking the server whether it changed.
pub fn get(path: &str) -> impl Future<Output = Result<HttpResponse, Failed>> + use<> {
    let request = Request::get(path)
        .credentials(RequestCredentials::Omit)
        .cache(RequestCache::NoCache);
    send(request, None)
}

/// Which version MLflow says it is. The worker signs the request.
pub async fn mlflow_version() -> Option<String> {
    let response = get(site::VERSION).await.ok()?;
    (response.status == 200).then_some(response.body)
}

/// Asks the gateway for a token for programs. The worker signs the request, as
/// it does every one below `/mlflow`.
pub async fn issue_token() -> Option<String> {
    let request = Request::post(intercept::TOKENS).credentials(RequestCredentials::Omit);
    let response = send(request, None).await.ok()?;
    let issued = json::parse(&response.body).ok()?;
    Some(issued.get("token")?.as_str()?.to_owned())
}

/// Asks the gateway for the list of the user's tokens for programs, as it writes it.
pub async fn list_tokens() -> Option<String> {
    let request = Request::get(intercept::TOKENS)
        .credentials(RequestCredentials::Omit)
        .cache(RequestCache::NoStore);
    let response = send(request, None).await.ok()?;
    (response.status == 200).then_some(response.body)
}

/// Has the gateway revoke the token of this id. Returns whether it did.
pub async fn revoke_token(id: &str) -> bool {
    let url = [intercept::TOKENS, "/", id].concat();
    let request = Request::delete(&url).credentials(RequestCredentials::Omit);
    let response = send(request, None).await;
    response.is_ok_and(|response| response.status == 200)
}

/// Whether anything answers at `origin`. The answer itself stays opaque.
///
/// Asked before a page leaves for another site, where a dead server would
/// strand it on the browser's own error page.
pub fn reaches(origin: &str) -> impl Future<Output = bool> {
    probe(origin, PATIENCE)
}

async fn probe(url: &str, patience: u32) -> bool {
    let request = Request::get(url)
        .credentials(RequestCredentials::Omit)
        .mode(RequestMode::NoCors)
        .cache(RequestCache::NoStore);
    bounded(request, patience).send().await.is_ok()
}

fn send(
    request: RequestBuilder,
    body: Option<&str>,
) -> impl Future<Output = Result<HttpResponse, Failed>> + use<> {
    let body = body.map_or(JsValue::UNDEFINED, JsValue::from);
    answer_to(bounded(request, PATIENCE).body(body))
}

async fn answer_to(request: Result<Request, gloo_net::Error>) -> Result<HttpResponse, Failed> {
    let response = request.map_err(|_| Failed::Otherwise)?.send().await;
    let response = response.map_err(|error| Failed::of(&error))?;
    Ok(HttpResponse {
        status: response.status(),
        body: response.text().await.map_err(|_| Failed::Otherwise)?,
    })
}

fn bounded(request: RequestBuilder, patience: u32) -> RequestBuilder {
    request.abort_signal(Some(&AbortSignal::timeout_with_u32(patience)))
}
