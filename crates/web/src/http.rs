//! Requests the shell makes for itself: its configuration, and the provider's
//! endpoints. No cookies are sent, and no header that would need a preflight.

use shell_core::{
    intercept,
    oauth::{FormPost, Response as Answer},
    site,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, Request, RequestCache, RequestCredentials, RequestInit, RequestMode,
    Response,
};

use crate::Error;

/// How long an endpoint may take, in milliseconds. A person is waiting.
const PATIENCE: u32 = 15_000;

/// A complete answer.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    /// The answer as `core` reads it.
    pub fn as_answer(&self) -> Answer<'_> {
        Answer {
            status: self.status,
            body: &self.body,
        }
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn fetch(request: &Request) -> Result<JsValue, JsValue>;
}

/// Posts a form to one of the provider's endpoints.
///
/// # Errors
/// When there was no answer: no network, CORS, or [`PATIENCE`] ran out.
pub async fn post(form: &FormPost) -> Result<Reply, Error> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&form.body.as_str().into());
    init.set_cache(RequestCache::NoStore);
    send(&form.url, &init).await
}

/// Gets a document of our own origin, asking the server whether it changed.
///
/// # Errors
/// As [`post`].
pub async fn get(path: &str) -> Result<Reply, Error> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoCache);
    send(path, &init).await
}

/// Which version MLflow says it is. The worker signs the request.
pub async fn mlflow_version() -> Option<String> {
    let reply = get(site::VERSION).await.ok()?;
    (reply.status == 200).then_some(reply.body)
}

/// Asks the gateway for a token for programs. The worker signs the request, as
/// it does every one below `/mlflow`.
pub async fn issue_token() -> Option<String> {
    let init = RequestInit::new();
    init.set_method("POST");
    let reply = send(intercept::TOKENS, &init).await.ok()?;
    let issued = js_sys::JSON::parse(&reply.body).ok()?;
    js_sys::Reflect::get(&issued, &"token".into())
        .ok()?
        .as_string()
}

/// Whether anything answers at `origin`. The answer itself stays opaque.
///
/// Asked before a page leaves for another site, where a dead server would
/// strand it on the browser's own error page.
pub async fn reaches(origin: &str) -> bool {
    let init = RequestInit::new();
    init.set_mode(RequestMode::NoCors);
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    match Request::new_with_str_and_init(origin, &init) {
        Ok(request) => fetch(&request).await.is_ok(),
        Err(_) => false,
    }
}

async fn send(url: &str, init: &RequestInit) -> Result<Reply, Error> {
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let request = Request::new_with_str_and_init(url, init)?;
    let response: Response = fetch(&request).await?.unchecked_into();
    let body = JsFuture::from(response.text()?).await?;
    Ok(Reply {
        status: response.status(),
        body: body.as_string().unwrap_or_default(),
    })
}
