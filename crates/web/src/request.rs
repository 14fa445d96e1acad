//! A request that reached the worker, and its answer.

use std::future::Future;

use js_sys::Reflect;
use shell_core::refusal::{self, Asker, Refusal};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FetchEvent, Headers, Request, RequestCache, RequestCredentials, RequestInit, RequestMode,
    Response, ResponseInit, Url,
};

use crate::{Error, scope};

/// A request, as far as decisions need it.
#[derive(Debug)]
pub struct Seen {
    /// Parsed origin of its URL.
    pub origin: String,
    /// Path of its URL, undecoded.
    pub path: String,
    /// Query of its URL.
    pub query: String,
    /// Who made it.
    pub asker: Asker,
}

/// A request to be sent on, more than once if need be.
#[derive(Debug)]
pub struct Outgoing(Request);

/// An answer from MLflow.
#[derive(Debug, Clone)]
pub struct Answer(pub(crate) Response);

/// Looks at the request of `event`; `None` if its URL does not parse.
pub fn see(event: &FetchEvent) -> Option<Seen> {
    let request = event.request();
    let url = Url::new(&request.url()).ok()?;
    let text = |name: &str| Reflect::get(&request, &name.into()).ok()?.as_string();
    Some(Seen {
        origin: url.origin(),
        path: url.pathname(),
        query: url.search(),
        asker: Asker::new(&text("mode")?, &text("destination")?),
    })
}

/// Answers `event` with what `answer` comes to. An error fails the request; it
/// never goes to the network without us.
pub fn respond(
    event: &FetchEvent,
    answer: impl Future<Output = Result<Answer, Error>> + 'static,
) -> Result<(), Error> {
    let answer = async {
        match answer.await {
            Ok(Answer(response)) => Ok(response.into()),
            Err(error) => Err(error.into_value()),
        }
    };
    Ok(event.respond_with(&crate::future_to_promise(answer))?)
}

impl Outgoing {
    /// The request of `event`.
    pub fn new(event: &FetchEvent) -> Self {
        Self(event.request())
    }

    /// Sends the request, made anew with `bearer`.
    ///
    /// Mode `same-origin` keeps the header on what were `no-cors` requests, and
    /// makes a redirect to another origin fail rather than follow (rule W2).
    pub async fn send(&self, bearer: &str) -> Result<Answer, Error> {
        let request = &self.0;
        let headers = Headers::new_with_headers(&request.headers())?;
        headers.set("authorization", &["Bearer ", bearer].concat())?;
        let init = RequestInit::new();
        init.set_headers(&headers);
        init.set_mode(RequestMode::SameOrigin);
        init.set_credentials(RequestCredentials::SameOrigin);
        if request.cache() == RequestCache::OnlyIfCached {
            init.set_cache(RequestCache::Default);
        }
        let anew = Request::new_with_request_and_init(&self.copy()?, &init)?;
        let answer = scope::scope().fetch_with_request(&anew);
        Ok(Answer(JsFuture::from(answer).await?.unchecked_into()))
    }

    /// The request with its body, which sending uses up. In no engine does a
    /// body survive being handed on but as a clone (rule W3).
    fn copy(&self) -> Result<Request, Error> {
        match self.0.method().as_str() {
            "GET" | "HEAD" => Ok(Clone::clone(&self.0)),
            _ => Ok(self.0.clone()?),
        }
    }
}

impl Answer {
    /// The HTTP status; 0 if the browser keeps it from us.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// The URL it comes from.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// The length the server stated.
    pub fn length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// A header; several of one name are one, with commas.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok()?
    }

    /// The whole body as text. The answer keeps it.
    pub async fn text(&self) -> Result<String, Error> {
        let copy = self.0.clone()?;
        let text = JsFuture::from(copy.text()?).await?;
        Ok(text.as_string().unwrap_or_default())
    }

    /// A refusal as an answer, framed by `ancestors`.
    pub fn refusal(refusal: &Refusal, ancestors: &str) -> Result<Self, Error> {
        let (status, kind, body) = match refusal {
            Refusal::ToShell(path) => {
                let shell = [&scope::own_origin(), path.as_str()].concat();
                return Ok(Self(Response::redirect(&shell)?));
            }
            Refusal::Page(status, html) => (*status, "text/html; charset=utf-8", html),
            Refusal::Json(status, json) => (*status, "application/json", json),
        };
        let policy = refusal::page_policy(ancestors);
        Ok(Self(document(status, kind, body, &policy)?))
    }
}

fn document(status: u16, kind: &str, body: &str, policy: &str) -> Result<Response, Error> {
    let headers = Headers::new()?;
    headers.set("content-type", kind)?;
    headers.set("cache-control", "no-store")?;
    headers.set("content-security-policy", policy)?;
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Ok(Response::new_with_opt_str_and_init(Some(body), &init)?)
}
