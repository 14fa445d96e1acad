//! The page's side: its address, its worker, its timers.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageChannel, MessageEvent, RegistrationOptions, ServiceWorker, ServiceWorkerContainer,
    ServiceWorkerRegistration, ServiceWorkerUpdateViaCache, Storage, Window,
};

use crate::Error;

/// The page's address, in the parts that matter here.
#[derive(Debug)]
pub struct Address {
    /// Path.
    pub path: String,
    /// Query, with its `?`.
    pub query: String,
    /// Fragment, with its `#`.
    pub hash: String,
}

/// Reads the address; empty parts where the browser gives none.
pub fn address() -> Address {
    let location = window().location();
    Address {
        path: location.pathname().unwrap_or_default(),
        query: location.search().unwrap_or_default(),
        hash: location.hash().unwrap_or_default(),
    }
}

/// Shows `address` without loading it and without a new history entry.
pub fn show_address(address: &str) {
    let shown = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
    // Refused only for a foreign origin, which a path cannot name.
    let _ = shown;
}

/// Leaves for `url`.
pub fn navigate(url: &str) {
    let _ = window().location().assign(url);
}

/// Loads the page again.
pub fn reload() {
    let _ = window().location().reload();
}

/// Sets the title of the tab.
pub fn show_title(title: &str) {
    if let Some(document) = window().document() {
        document.set_title(title);
    }
}

/// Whether the browser grants this page what it keeps for secure contexts.
pub fn is_secure() -> bool {
    window().is_secure_context()
}

/// Whether the browser has service workers, and they are switched on.
pub fn has_workers() -> bool {
    js_sys::Reflect::has(&window().navigator(), &"serviceWorker".into()).unwrap_or(false)
}

/// A registered worker.
#[derive(Debug)]
pub struct Registration(ServiceWorkerRegistration);

/// Registers the worker script at `path`, for the whole origin.
pub async fn register(path: &str) -> Result<Registration, Error> {
    let options = RegistrationOptions::new();
    options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
    let registering = workers().register_with_options(path, &options);
    Ok(Registration(
        JsFuture::from(registering).await?.unchecked_into(),
    ))
}

impl Registration {
    /// Whether a worker is on its way to becoming active.
    pub fn is_installing(&self) -> bool {
        self.0.installing().is_some() || self.0.active().is_none()
    }
}

/// Whether a worker answers this page's requests.
pub fn is_controlled() -> bool {
    workers().controller().is_some()
}

/// Waits until a worker takes control, `patience` milliseconds at most.
pub async fn control(patience: i32) {
    let taken = Promise::new(&mut |resolve, _| workers().set_oncontrollerchange(Some(&resolve)));
    if !is_controlled() {
        first(taken, patience).await;
    }
    workers().set_oncontrollerchange(None);
}

/// Sends `text` to the controlling worker and returns its answer; `None` if
/// there is no worker, or no answer within `patience` milliseconds.
pub async fn ask(text: &str, patience: i32) -> Option<String> {
    let worker = workers().controller()?;
    let channel = MessageChannel::new().ok()?;
    let answered = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    post(&worker, text, &channel).ok()?;
    let event = first(answered, patience).await;
    channel.port1().close();
    event.dyn_into::<MessageEvent>().ok()?.data().as_string()
}

fn post(worker: &ServiceWorker, text: &str, channel: &MessageChannel) -> Result<(), JsValue> {
    worker.post_message_with_transferable(&text.into(), &Array::of1(&channel.port2()))
}

/// Calls `listener` with every message the worker sends unasked, until the
/// page is gone.
pub fn on_news(mut listener: impl FnMut(String) + 'static) {
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            listener(text);
        }
    });
    workers().set_onmessage(Some(heard.into_js_value().unchecked_ref()));
}

/// Calls `listener` every `period` milliseconds until the page is gone.
pub fn every(period: i32, listener: impl FnMut() + 'static) {
    let ticked = Closure::<dyn FnMut()>::new(listener).into_js_value();
    // Fails only for want of a window.
    let _ = window()
        .set_interval_with_callback_and_timeout_and_arguments_0(ticked.unchecked_ref(), period);
}

/// A note that lasts as long as the tab. Says nothing secret.
#[derive(Debug, Clone, Copy)]
pub struct Mark(pub &'static str);

impl Mark {
    /// Whether the note is there.
    pub fn is_set(self) -> bool {
        let found = session_storage().and_then(|storage| storage.get_item(self.0).ok());
        found.flatten().is_some()
    }

    /// Leaves the note; false if the browser keeps nothing.
    pub fn set(self) -> bool {
        session_storage().is_some_and(|storage| storage.set_item(self.0, "1").is_ok())
    }

    /// Removes the note.
    pub fn clear(self) {
        let _ = session_storage().map(|storage| storage.remove_item(self.0));
    }
}

/// Resolves with the promise, or with `undefined` after `patience` milliseconds.
async fn first(promise: Promise, patience: i32) -> JsValue {
    let timeout = Promise::new(&mut |resolve: Function, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, patience);
    });
    let race = Promise::race(&Array::of2(&promise, &timeout));
    JsFuture::from(race).await.unwrap_or(JsValue::UNDEFINED)
}

fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn workers() -> ServiceWorkerContainer {
    window().navigator().service_worker()
}

fn window() -> Window {
    JsValue::from(js_sys::global()).unchecked_into()
}
