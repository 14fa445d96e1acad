//! The worker, as a page uses it: registration, requests, broadcasts, and keeping
//! the key of the sealed session for it.

use std::cell::RefCell;

use gloo_utils::window;
use js_sys::{Array, Promise, Reflect};
use shell_core::protocol::KEY_PLEASE;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageChannel, MessageEvent, MessagePort, RegistrationOptions, ServiceWorker,
    ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerUpdateViaCache,
};

use crate::{Error, clients::parts, crypto::Key, time};

thread_local! {
    /// Kept for the worker, in the memory of this page and nowhere else.
    static KEY: RefCell<Option<Key>> = const { RefCell::new(None) };
}

/// Whether the browser has service workers, and they are switched on.
pub fn exist() -> bool {
    Reflect::has(&window().navigator(), &"serviceWorker".into()).unwrap_or(false)
}

/// A registered worker.
#[derive(Debug, Clone)]
pub struct Registration(ServiceWorkerRegistration);

/// Registers the worker script at `path`, for the whole origin.
pub async fn register(path: &str) -> Result<Registration, Error> {
    let options = RegistrationOptions::new();
    options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
    let registering = container().register_with_options(path, &options);
    let registration = JsFuture::from(registering).await?;
    Ok(Registration(registration.unchecked_into()))
}

impl Registration {
    /// Whether a worker is on its way to becoming active.
    pub fn is_installing(&self) -> bool {
        self.0.installing().is_some() || self.0.active().is_none()
    }
}

/// Asks the server whether it has another worker.
pub async fn check_for_update() {
    if let Some(registration) = registration().await {
        // Without a network there is no update, which is no error.
        let _ = registration.0.update();
    }
}

/// Sends `text` to the worker that waits to take over, if there is one.
pub async fn tell_waiting(text: &str) {
    let waiting = registration().await.and_then(|found| found.0.waiting());
    if let (Some(worker), Ok(channel)) = (waiting, MessageChannel::new()) {
        // It is asked again soon.
        let _ = post(&worker, text, &channel);
    }
}

/// The registration of this origin's worker.
pub async fn registration() -> Option<Registration> {
    let found = JsFuture::from(container().get_registration()).await.ok()?;
    found.dyn_into().ok().map(Registration)
}

/// Removes every worker of this origin.
pub async fn unregister_all() -> Result<(), Error> {
    let registrations = JsFuture::from(container().get_registrations()).await?;
    for registration in registrations.unchecked_into::<Array>().iter() {
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        JsFuture::from(registration.unregister()?).await?;
    }
    Ok(())
}

/// Whether a worker answers this page's requests.
pub fn is_controlled() -> bool {
    container().controller().is_some()
}

/// Waits until a worker takes control, `patience` milliseconds at most.
pub async fn control(patience: u32) {
    let taken = Promise::new(&mut |resolve, _| container().set_oncontrollerchange(Some(&resolve)));
    if !is_controlled() {
        time::timeout(patience, JsFuture::from(taken)).await;
    }
    container().set_oncontrollerchange(None);
}

/// Calls `listener` whenever another worker takes control.
pub fn on_change(listener: impl FnMut() + 'static) {
    let changed = Closure::<dyn FnMut()>::new(listener).into_js_value();
    container().set_oncontrollerchange(Some(changed.unchecked_ref()));
}

/// Sends `text` to the controlling worker and returns its answer; `None` if
/// there is no worker, or no answer within `patience` milliseconds.
pub async fn ask(text: &str, patience: u32) -> Option<String> {
    let worker = container().controller()?;
    let channel = MessageChannel::new().ok()?;
    let answered = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    post(&worker, text, &channel).ok()?;
    let event = time::timeout(patience, JsFuture::from(answered)).await;
    channel.port1().close();
    let answer: Array = event?
        .ok()?
        .dyn_into::<MessageEvent>()
        .ok()?
        .data()
        .dyn_into()
        .ok()?;
    if let Some(key) = Key::from_stored(answer.get(1)) {
        KEY.set(Some(key));
    }
    answer.get(0).as_string()
}

/// Calls `listener` with every message the worker sends unasked, until the
/// page is gone; hands it the key when it asks for that.
pub fn on_notice(mut listener: impl FnMut(String) + 'static) {
    let heard =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match first_part(&event) {
                Some(text) if text == KEY_PLEASE => hand_over_key(&event),
                Some(text) => listener(text),
                None => {}
            }
        });
    container().set_onmessage(Some(heard.into_js_value().unchecked_ref()));
}

/// Forgets the key: there is nothing left that it opens.
pub fn forget_key() {
    KEY.set(None);
}

fn hand_over_key(event: &MessageEvent) {
    let port = Reflect::get(event, &"ports".into()).map(|ports| Array::from(&ports).get(0));
    if let Ok(Ok(port)) = port.map(JsCast::dyn_into::<MessagePort>) {
        let key = KEY.with_borrow(|key| key.as_ref().map(|key| key.as_stored().clone()));
        // A closed port: the worker has the key from another page.
        let _ = port.post_message(&key.unwrap_or(JsValue::NULL));
    }
}

fn first_part(event: &MessageEvent) -> Option<String> {
    event.data().dyn_into::<Array>().ok()?.get(0).as_string()
}

fn post(worker: &ServiceWorker, text: &str, channel: &MessageChannel) -> Result<(), JsValue> {
    let message = KEY.with_borrow(|key| parts(text, key.as_ref()));
    worker.post_message_with_transferable(&message, &Array::of1(&channel.port2()))
}

fn container() -> ServiceWorkerContainer {
    window().navigator().service_worker()
}
