//! The service worker's global scope: installation, activation, takeover.

use js_sys::{JSON, Promise};
use shell_core::intercept;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{ExtendableEvent, ServiceWorkerGlobalScope};

use crate::Error;

thread_local! {
    static ORIGIN: String = scope().location().origin();
}

/// The origin this worker belongs to.
pub fn own_origin() -> String {
    ORIGIN.with(Clone::clone)
}

/// Lets a first worker start at once; an update waits (rule U1).
pub fn activate_if_first() -> Result<(), Error> {
    if scope().registration().active().is_none() {
        take_over()?;
    }
    Ok(())
}

#[wasm_bindgen]
extern "C" {
    /// The event of a worker that is installed.
    #[wasm_bindgen(extends = ExtendableEvent)]
    pub type InstallEvent;
    #[wasm_bindgen(method, catch, structural, js_name = addRoutes)]
    fn add_routes(this: &InstallEvent, rules: &JsValue) -> Result<Promise, JsValue>;
}

/// Has the browser send by itself what needs no worker, if it can (Service Worker
/// Static Routing API): [`intercept::STATIC_ROUTES`].
pub fn add_routes(event: &InstallEvent) -> Result<(), Error> {
    let rules = JSON::parse(intercept::STATIC_ROUTES)?;
    // The browser waits for it.
    let _ = event.add_routes(&rules)?;
    Ok(())
}

/// Becomes the active worker without waiting for the pages of the one before
/// to close.
pub fn take_over() -> Result<(), Error> {
    // The promise always resolves and nothing waits for it.
    let _ = scope().skip_waiting()?;
    Ok(())
}

/// Takes control of the pages that are open already.
pub fn claim() -> Promise {
    scope().clients().claim()
}

pub(crate) fn scope() -> ServiceWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
