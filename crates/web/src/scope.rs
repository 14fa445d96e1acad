//! The service worker's global scope: its requests, messages and pages.

use js_sys::{Array, Object, Promise, Reflect};
use shell_core::{
    intercept::{self, Place},
    refusal::{self, Asker, Refusal},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Client, ClientQueryOptions, ClientType, ExtendableMessageEvent, FetchEvent, Headers,
    MessagePort, Request, RequestCache, RequestCredentials, RequestInit, RequestMode, Response,
    ResponseInit, ServiceWorkerGlobalScope, Url,
};

use crate::Error;

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

/// The origin this worker belongs to.
pub fn own_origin() -> String {
    scope().location().origin()
}

/// Lets a first worker start at once; an update waits (rule U1).
pub fn activate_if_first() -> Result<(), Error> {
    if scope().registration().active().is_none() {
        // The promise always resolves and nothing waits for it.
        let _ = scope().skip_waiting()?;
    }
    Ok(())
}

/// Takes control of the pages that are open already.
pub fn claim() -> Promise {
    scope().clients().claim()
}

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

/// Answers `event` with MLflow's own answer to its request, made anew with
/// `bearer`. The promise resolves to the status, for whoever wants to know.
///
/// The browser's own fetch promise is the answer, so bodies stream untouched.
/// Mode `same-origin` keeps the header on what were `no-cors` requests, and
/// makes a redirect to another origin fail rather than follow (rule W2).
pub fn forward(event: &FetchEvent, bearer: &str) -> Result<Promise, Error> {
    let request = event.request();
    let headers = Headers::new_with_headers(&request.headers())?;
    headers.set("authorization", &format!("Bearer {bearer}"))?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_mode(RequestMode::SameOrigin);
    init.set_credentials(RequestCredentials::SameOrigin);
    if request.cache() == RequestCache::OnlyIfCached {
        init.set_cache(RequestCache::Default);
    }
    // A clone: in no engine does a body survive being handed on otherwise (W3).
    let anew = Request::new_with_request_and_init(&request.clone()?, &init)?;
    let answer = scope().fetch_with_request(&anew);
    event.respond_with(&answer)?;
    Ok(answer)
}

/// The status of a fetch answer; `None` if there was none.
pub async fn status_of(answer: Promise) -> Option<u16> {
    let response: Response = JsFuture::from(answer).await.ok()?.unchecked_into();
    Some(response.status())
}

/// Answers `event` with a refusal.
pub fn refuse(event: &FetchEvent, refusal: &Refusal) -> Result<(), Error> {
    let response = match refusal {
        Refusal::ToShell => Response::redirect(&format!("{}/", own_origin()))?,
        Refusal::Page(status, html) => document(*status, "text/html; charset=utf-8", html)?,
        Refusal::Json(status, json) => document(*status, "application/json", json)?,
    };
    Ok(event.respond_with(&Promise::resolve(&JsValue::from(response)))?)
}

fn document(status: u16, kind: &str, body: &str) -> Result<Response, Error> {
    let headers = Headers::new()?;
    headers.set("content-type", kind)?;
    headers.set("cache-control", "no-store")?;
    headers.set("content-security-policy", refusal::PAGE_POLICY)?;
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Ok(Response::new_with_opt_str_and_init(Some(body), &init)?)
}

/// The text of a message and the port to answer on, if one of the shell's own
/// pages sent it. Documents below `/mlflow/` are not listened to (rule W14).
pub fn message(event: &ExtendableMessageEvent) -> Option<(String, MessagePort)> {
    let source: Client = event.source()?.unchecked_into();
    if !is_shell_page(&source) {
        return None;
    }
    let ports: Array = Reflect::get(event, &"ports".into()).ok()?.dyn_into().ok()?;
    Some((event.data().as_string()?, ports.get(0).dyn_into().ok()?))
}

/// Sends `text` to one port. A closed port drops it, as its page is gone.
pub fn reply(port: &MessagePort, text: &str) {
    let _ = port.post_message(&text.into());
}

/// Sends `text` to every open page of the shell.
pub async fn tell_pages(text: &str) -> Result<(), Error> {
    let options = ClientQueryOptions::new();
    options.set_include_uncontrolled(true);
    options.set_type(ClientType::Window);
    let found = JsFuture::from(scope().clients().match_all_with_options(&options)).await?;
    for page in found.unchecked_into::<Array>().iter() {
        let page: Client = page.unchecked_into();
        if is_shell_page(&page) {
            page.post_message(&text.into())?;
        }
    }
    Ok(())
}

fn is_shell_page(client: &Client) -> bool {
    let ours = |url: Url| {
        url.origin() == own_origin() && intercept::place(&url.pathname()) == Place::Shell
    };
    Url::new(&client.url()).is_ok_and(ours)
}

fn scope() -> ServiceWorkerGlobalScope {
    let global: Object = js_sys::global();
    JsValue::from(global).unchecked_into()
}
