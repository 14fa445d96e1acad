//! A request that reached the worker: how it is judged, sent on and answered.

use std::future::Future;

use shell_core::{
    cors,
    intercept::{self, Arrival, Dispatch, Judgement},
    kept_document::{KeptDocument, is_reload},
    refusal::Requester,
};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{
    FetchEvent, Headers, Request, RequestCache, RequestCredentials, RequestInit, RequestMode,
    RequestRedirect,
};

use crate::{Error, fetch_response::FetchResponse, scope};

const AUTHORIZATION: &str = "authorization";

/// What needed a token is not for the browser's cache, where it would outlive
/// the session: not every server says so (MLflow's own word is `no-cache`).
const UNCACHED: RequestCache = RequestCache::NoStore;

#[wasm_bindgen]
extern "C" {
    /// What `web-sys` reads of a request as one of the values that it knows, which
    /// are fewer than the browsers'.
    #[wasm_bindgen(extends = Request)]
    type Described;
    #[wasm_bindgen(method, getter, structural)]
    fn mode(this: &Described) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn destination(this: &Described) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn cache(this: &Described) -> Option<String>;
}

thread_local! {
    /// How every request with a token to this site is made: the object is the same
    /// each time.
    ///
    /// Mode `same-origin` keeps the header on what were `no-cors` requests, and
    /// makes a redirect to another origin fail rather than follow (rule W2).
    static SIGNED: RequestInit = {
        let init = own();
        init.set_cache(UNCACHED);
        init
    };
}

/// A request that reached the worker, to be sent on, more than once if need be.
#[derive(Debug, Clone)]
pub struct Outgoing {
    request: Request,
    url: String,
    destination: String,
    requester: Requester,
    document: Option<KeptDocument>,
    is_reload: bool,
}

impl Outgoing {
    /// The request of `event`, and what is to become of it.
    pub fn new(event: &FetchEvent) -> Option<(Self, Judgement)> {
        let request: Described = event.request().unchecked_into();
        let destination = request.destination()?;
        let mut outgoing = Self {
            requester: Requester::new(&request.mode()?, &destination),
            url: request.url(),
            destination,
            document: None,
            is_reload: false,
            request: request.into(),
        };
        let judgement = outgoing.judge();
        Some((outgoing, judgement))
    }

    fn judge(&mut self) -> Judgement {
        let own = scope::own_origin();
        let Some((path, query)) = within(&self.url, &own) else {
            return Judgement::Leave;
        };
        let arrival = Arrival {
            origin: &own,
            path,
            query,
            method: &self.request.method(),
            requester: self.requester,
        };
        let judgement = intercept::judge(&own, &arrival);
        if self.requester != Requester::Script {
            let cache = self.request.unchecked_ref::<Described>().cache();
            let cache = cache.unwrap_or_default();
            self.document = KeptDocument::wanted(&arrival, &cache);
            self.is_reload = is_reload(&cache);
        }
        judgement
    }

    /// The document that may answer it, if that is in memory.
    pub fn document(&self) -> Option<KeptDocument> {
        self.document
    }

    /// Whether a person asked for what the server has now.
    pub fn is_reload(&self) -> bool {
        self.is_reload
    }

    /// Whether a tab or a frame goes to `path` of this site.
    pub fn is_navigation_to(&self, path: &str) -> bool {
        let is_there = self.url.strip_prefix(&scope::own_origin()) == Some(path);
        is_there && self.requester != Requester::Script
    }
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
    /// Sends the request as `dispatch` says, made anew, with `bearer` if it is to
    /// have it.
    ///
    /// # Errors
    /// When there was no response, or none that this site may read.
    pub async fn send(&self, dispatch: &Dispatch, bearer: &str) -> Result<FetchResponse, Error> {
        let request = match dispatch {
            Dispatch::Here => self.signed(bearer)?,
            Dispatch::File => self.unsigned()?,
            Dispatch::Api(url) => self.cross_origin(url, bearer).await?,
        };
        let response = scope::scope().fetch_with_request(&request);
        let response = FetchResponse(JsFuture::from(response).await?.unchecked_into());
        match dispatch {
            Dispatch::Api(_) => response.as_own(),
            Dispatch::Here | Dispatch::File => Ok(response),
        }
    }

    /// Sends a navigation as the browser would.
    ///
    /// # Errors
    /// When there was no response.
    pub async fn pass_on(&self) -> Result<FetchResponse, Error> {
        let response = scope::scope().fetch_with_request(&self.request);
        Ok(FetchResponse(
            JsFuture::from(response).await?.unchecked_into(),
        ))
    }

    /// The request to this site with the token. The browser copies the headers:
    /// handed over one by one, each would be several calls between it and us.
    fn signed(&self, bearer: &str) -> Result<Request, Error> {
        let copy = self.copy()?;
        let request = SIGNED.with(|init| Request::new_with_request_and_init(&copy, init))?;
        request.headers().set(AUTHORIZATION, &with_scheme(bearer))?;
        Ok(request)
    }

    fn unsigned(&self) -> Result<Request, Error> {
        let init = own();
        // What the cache does not have is asked for (rule W2).
        if self.request.cache() == RequestCache::OnlyIfCached {
            init.set_cache(RequestCache::Default);
        }
        Ok(Request::new_with_request_and_init(&self.copy()?, &init)?)
    }

    /// The request to an API on another origin, with the headers that it may
    /// have there and its body as a whole; a redirect fails.
    async fn cross_origin(&self, url: &str, bearer: &str) -> Result<Request, Error> {
        let (request, headers) = (&self.request, Headers::new()?);
        for name in cors::REQUEST_HEADERS {
            if let Some(value) = request.headers().get(name)? {
                headers.set(name, &value)?;
            }
        }
        headers.set(AUTHORIZATION, &with_scheme(bearer))?;
        let init = RequestInit::new();
        init.set_headers(&headers);
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

    fn has_body(&self) -> bool {
        !matches!(self.request.method().as_str(), "GET" | "HEAD")
    }

    /// Its method, such as `POST`.
    pub fn method(&self) -> String {
        self.request.method()
    }

    /// Who asks.
    pub fn requester(&self) -> Requester {
        self.requester
    }

    /// The URL it was made for.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it is for (Fetch, request destination).
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// The path of its URL, undecoded.
    pub fn path(&self) -> &str {
        within(&self.url, &scope::own_origin()).map_or("", |(path, _)| path)
    }

    /// The request with its body, which sending uses up. In no engine does a
    /// body survive being handed on but as a clone (rule W3).
    fn copy(&self) -> Result<Request, Error> {
        if self.has_body() {
            Ok(self.request.clone()?)
        } else {
            Ok(Clone::clone(&self.request))
        }
    }
}

/// Path and query, with its `?`, of a URL of our `own` origin. A URL parser wrote
/// it, so what follows that origin is the path if it begins with a slash: the rest
/// of a longer host or port does not.
fn within<'a>(url: &'a str, own: &str) -> Option<(&'a str, &'a str)> {
    let rest = url.strip_prefix(own)?.split('#').next()?;
    let rest = Some(rest).filter(|rest| rest.starts_with('/'))?;
    rest.split_at_checked(rest.find('?').unwrap_or(rest.len()))
}

fn own() -> RequestInit {
    let init = RequestInit::new();
    init.set_mode(RequestMode::SameOrigin);
    init.set_credentials(RequestCredentials::SameOrigin);
    init
}

fn with_scheme(bearer: &str) -> String {
    ["Bearer ", bearer].concat()
}
