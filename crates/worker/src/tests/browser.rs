//! A worker that has just been installed, with a site, a provider and a page
//! around it (`browser.js`).

use js_sys::{Array, Function, Promise, Reflect};
use shell_core::{
    Route,
    protocol::{Message, PageRequest, WorkerReply},
    session::Status,
};
use shell_web::{ExtendableMessageEvent, FetchEvent, scope, store::Store};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use crate::{documents, session_store, state};

pub(super) struct Browser(JsValue);

impl Browser {
    /// A site that keeps sessions in this way.
    pub(super) async fn with_site(keep: &str) -> Self {
        let browser = Self::without_site().await;
        let origin = scope::own_origin();
        let provider = format!(
            r#"{{"domain": "{origin}", "issuer": "{origin}/issuer", "client_id": "client"}}"#
        );
        let config = format!(
            r#"{{"origin": "{origin}", "provider": {provider}, "session": {{"keep": "{keep}"}}}}"#
        );
        browser.set("config", &config.into());
        browser
    }

    /// A site whose configuration cannot be found.
    pub(super) async fn without_site() -> Self {
        let script = Function::new_no_args(include_str!("browser.js"));
        let browser = Self(script.call0(&JsValue::NULL).unwrap());
        Reflect::set(&js_sys::global(), &"fetch".into(), &browser.get("fetch")).unwrap();
        Store::open().await.unwrap().clear().await.unwrap();
        restart_worker();
        browser
    }

    /// What the worker answers to a page, and the key that comes along.
    pub(super) async fn ask(&self, ask: &PageRequest, key: &JsValue) -> (WorkerReply, JsValue) {
        let answer = self.say(&ask.write(), key, &page()).await.unwrap();
        let text = answer.get(0).as_string().unwrap();
        (WorkerReply::read(&text).unwrap(), answer.get(1))
    }

    /// What is answered to this text of the page at `url`, or of no page.
    pub(super) async fn say(&self, text: &str, key: &JsValue, url: &str) -> Option<Array> {
        let on_message = Closure::new(|event: ExtendableMessageEvent| crate::on_message(&event))
            as Closure<dyn FnMut(_)>;
        let arguments = Array::of4(on_message.as_ref(), &text.into(), key, &url.into());
        let answer = self.call("ask", &arguments).await;
        answer.dyn_into().ok()
    }

    /// The status of the answer to a request; `None` if the worker leaves it to
    /// the browser.
    pub(super) async fn request(&self, url: &str) -> Option<f64> {
        let on_fetch =
            Closure::new(|event: FetchEvent| crate::on_fetch(&event)) as Closure<dyn FnMut(_)>;
        let arguments = Array::of2(on_fetch.as_ref(), &url.into());
        self.call("request", &arguments).await.as_f64()
    }

    /// The document that a tab (`document`) or a frame (`iframe`) gets at `path`,
    /// asked for in this cache mode; `None` if the worker leaves it to the browser.
    pub(super) async fn visit(&self, path: &str, destination: &str, cache: &str) -> Option<String> {
        let on_fetch =
            Closure::new(|event: FetchEvent| crate::on_fetch(&event)) as Closure<dyn FnMut(_)>;
        let url = format!("{}{path}", scope::own_origin());
        let texts = [url.as_str(), destination, cache].map(JsValue::from);
        let arguments = Array::of1(on_fetch.as_ref());
        for text in &texts {
            arguments.push(text);
        }
        self.call("visit", &arguments).await.as_string()
    }

    /// Signs in; the provider's token holds `token`. Returns the key for pages.
    /// The page sends `offered` along.
    pub(super) async fn sign_in_with(&self, offered: &JsValue, token: &str) -> JsValue {
        let state = self.begin_sign_in(token).await;
        let (answer, key) = self.ask(&returned(&state), offered).await;
        assert!(matches!(answer, WorkerReply::Returned { .. }), "{answer:?}");
        key
    }

    /// The same, of a page that has no key.
    pub(super) async fn sign_in(&self, token: &str) -> JsValue {
        self.sign_in_with(&JsValue::UNDEFINED, token).await
    }

    /// Goes to the hosted login, and returns its `state`.
    pub(super) async fn begin_sign_in(&self, token: &str) -> String {
        let ask = PageRequest::SignIn {
            route: Route::new("#/experiments/1"),
            window: false,
        };
        let (WorkerReply::Go(url), _) = self.ask(&ask, &JsValue::UNDEFINED).await else {
            unreachable!("no address to go to");
        };
        self.set("nonce", &parameter(&url, "nonce").into());
        self.set("token", &token.into());
        parameter(&url, "state")
    }

    /// Who is signed in, as a page is told that sends this key along.
    pub(super) async fn user(&self, key: &JsValue) -> Option<String> {
        let (WorkerReply::Status(status), _) = self.ask(&PageRequest::Status, key).await else {
            unreachable!("not a status");
        };
        match status {
            Status::SignedIn(user, _) => Some(user.name),
            Status::SignedOut(_) => None,
        }
    }

    /// Everything in storage, names and values, bytes as one character each.
    pub(super) async fn stored(&self) -> String {
        let store = Store::open().await.unwrap();
        let mut stored = Vec::new();
        for name in store.keys().await.unwrap() {
            let value = store.get(&name).await.unwrap().unwrap_or_default();
            let text = self.call("text", &Array::of1(&value)).await;
            stored.push(format!("{name}={}", text.as_string().unwrap()));
        }
        stored.join("\n")
    }

    /// Every request so far: method, path, `Authorization` and body.
    pub(super) fn sent(&self) -> Vec<String> {
        let sent: Array = self.get("sent").unchecked_into();
        sent.iter().filter_map(|line| line.as_string()).collect()
    }

    /// Says what the site and the provider do from now on.
    pub(super) fn set(&self, name: &str, value: &JsValue) {
        Reflect::set(&self.0, &name.into(), value).unwrap();
    }

    /// What a function of `browser.js` returns.
    pub(super) async fn call(&self, name: &str, arguments: &Array) -> JsValue {
        let function: Function = self.get(name).unchecked_into();
        let returned = function.apply(&self.0, arguments).unwrap();
        JsFuture::from(Promise::resolve(&returned)).await.unwrap()
    }

    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = Reflect::set(&js_sys::global(), &"fetch".into(), &self.get("fetched"));
    }
}

/// The address of a page of the shell.
pub(super) fn page() -> String {
    format!("{}/", scope::own_origin())
}

/// Stops the worker and wakes it again: its memory is gone.
pub(super) fn restart_worker() {
    documents::forget_all();
    state::forget_memory();
    session_store::forget_memory();
}

/// The return from the hosted login.
pub(super) fn returned(state: &str) -> PageRequest {
    PageRequest::Return {
        query: format!("?code=the-code&state={state}"),
        fragment: String::new(),
    }
}

fn parameter(url: &str, name: &str) -> String {
    let mut parameters = url.split(['?', '&']);
    let found = parameters.find_map(|parameter| parameter.strip_prefix(&format!("{name}=")));
    found.unwrap().to_owned()
}
