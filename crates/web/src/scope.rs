//! The service worker's global scope: installation, activation, takeover.

use js_sys::Promise;
use wasm_bindgen::JsCast;
use web_sys::ServiceWorkerGlobalScope;

use crate::Error;

/// The origin this worker belongs to.
pub fn own_origin() -> String {
    scope().location().origin()
}

/// Lets a first worker start at once; an update waits (rule U1).
pub fn activate_if_first() -> Result<(), Error> {
    if scope().registration().active().is_none() {
        take_over()?;
    }
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
