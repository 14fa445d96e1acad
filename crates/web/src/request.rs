//! A request that reached the worker: how it is judged, sent on and answered.

use std::future::Future;

use js_sys::Reflect;
use shell_core::{
    cors,
    intercept::{self, Arrival, Dispatch, Judgement},
    refusal::Requester,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{
    FetchEvent, Headers, Request, RequestCache, RequestCredentials, RequestInit, RequestMode,
    RequestRedirect, Url,
};

use crate::{Error, fetch_response::FetchResponse, scope};

const AUTHORIZATION: &str = "authorization";

/// What needed a token is not for the browser's cache, where it would outlive
/// the session: not every server says so (MLflow's own word is `no-cache`).
const UNCACHED: RequestCache = RequestCache::NoStore;

/// A request to be sent on, more than once if need be.
#[derive(Debug)]
pub struct Outgoing(Request);

/// What is to become of the request of `event`, and who made it; `None` if its
/// URL does not parse.
pub fn judge(event: &FetchEvent) -> Option<(Judgement, Requester)> {
    let request = event.request();
    let url = Url::new(&request.url()).ok()?;
    let requester = Requester::new(&text(&request, "mode")?, &text(&request, "destination")?);
    let arrival = Arrival {
        origin: &url.origin(),
        path: &url.pathname(),
        query: &url.search(),
        method: &request.method(),
        requester,
    };
    Some((intercept::judge(&scope::own_origin(), &arrival), requester))
}

/// Whether a tab or a frame goes to `path` of this site.
pub fn is_navigation_to(event: &FetchEvent, path: &str) -> bool {
    let request = event.request();
    let is_there = request.url().strip_prefix(&scope::own_origin()) == Some(path);
    is_there && text(&request, "mode").as_deref() == Some("navigate")
}

/// A property that is a text: `web-sys` knows fewer values than the browsers.
fn text(request: &Request, name: &str) -> Option<String> {
    Reflect::get(request, &name.into()).ok()?.as_string()
}

/// Answers `event` with what `response` comes to. An error fails the request; it
/// never goes to the network without us.
pub fn respond(
    event: &FetchEvent,
    response: impl Future<Output = Result<FetchResponse, Error>> + 'static,
) -> Result<(), Error> {
    let response = async {
        match response.await {
            Ok(FetchResponse(response)) => Ok(response.into()),
            Err(error) => Err(error.into_value()),
        }
    };
    Ok(event.respond_with(&future_to_promise(response))?)
}

impl Outgoing {
    /// The request of `event`.
    pub fn new(event: &FetchEvent) -> Self {
        Self(event.request())
    }

    /// Sends the request as `dispatch` says, made anew, with `bearer` if it is to
    /// have it.
    ///
    /// # Errors
    /// When there was no response, or none that this site may read.
    pub async fn send(&self, dispatch: &Dispatch, bearer: &str) -> Result<FetchResponse, Error> {
        let authorization = format!("Bearer {bearer}");
        let request = match dispatch {
            Dispatch::Here => self.same_origin(Some(&authorization))?,
            Dispatch::File => self.same_origin(None)?,
            Dispatch::Api(url) => self.cross_origin(url, &authorization).await?,
        };
        let response = scope::scope().fetch_with_request(&request);
        let response = FetchResponse(JsFuture::from(response).await?.unchecked_into());
        match dispatch {
            Dispatch::Api(_) => response.as_own(),
            Dispatch::Here | Dispatch::File => Ok(response),
        }
    }

    /// The request to this site.
    ///
    /// Mode `same-origin` keeps the header on what were `no-cors` requests, and
    /// makes a redirect to another origin fail rather than follow (rule W2).
    fn same_origin(&self, authorization: Option<&str>) -> Result<Request, Error> {
        let headers = Headers::new_with_headers(&self.0.headers())?;
        let init = self.like(&headers);
        if let Some(authorization) = authorization {
            headers.set(AUTHORIZATION, authorization)?;
            init.set_cache(UNCACHED);
        }
        init.set_mode(RequestMode::SameOrigin);
        init.set_credentials(RequestCredentials::SameOrigin);
        Ok(Request::new_with_request_and_init(&self.copy()?, &init)?)
    }

    /// The request to an API on another origin, with the headers that it may
    /// have there and its body as a whole; a redirect fails.
    async fn cross_origin(&self, url: &str, authorization: &str) -> Result<Request, Error> {
        let (request, headers) = (&self.0, Headers::new()?);
        for name in cors::REQUEST_HEADERS {
            if let Some(value) = request.headers().get(name)? {
                headers.set(name, &value)?;
            }
        }
        headers.set(AUTHORIZATION, authorization)?;
        let init = self.like(&headers);
        init.set_cache(UNCACHED);
        init.set_method(&request.method());
        init.set_credentials(RequestCredentials::Omit);
        init.set_redirect(RequestRedirect::Error);
        init.set_signal(Some(&request.signal()));
        if self.has_body() {
            let body = JsFuture::from(self.copy()?.blob()?).await?;
            init.set_body(&body);
        }
        Ok(Request::new_with_str_and_init(url, &init)?)
    }

    fn like(&self, headers: &Headers) -> RequestInit {
        let init = RequestInit::new();
        init.set_headers(headers);
        let cache = self.0.cache();
        let is_refused = cache == RequestCache::OnlyIfCached;
        init.set_cache(if is_refused {
            RequestCache::Default
        } else {
            cache
        });
        init
    }

    fn has_body(&self) -> bool {
        !matches!(self.0.method().as_str(), "GET" | "HEAD")
    }

    /// Its method, such as `POST`.
    pub fn method(&self) -> String {
        self.0.method()
    }

    /// The URL it was made for.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// What it is for (Fetch, request destination).
    pub fn destination(&self) -> String {
        text(&self.0, "destination").unwrap_or_default()
    }

    /// The path of its URL, undecoded.
    pub fn path(&self) -> String {
        let url = Url::new(&self.0.url());
        url.map(|url| url.pathname()).unwrap_or_default()
    }

    /// The request with its body, which sending uses up. In no engine does a
    /// body survive being handed on but as a clone (rule W3).
    fn copy(&self) -> Result<Request, Error> {
        if self.has_body() {
            Ok(self.0.clone()?)
        } else {
            Ok(Clone::clone(&self.0))
        }
    }
}
