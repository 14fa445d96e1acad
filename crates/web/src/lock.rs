//! A mutex over all workers and pages of this origin's partition: the
//! Web Locks API. A lock whose holder is killed is free at once.

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::Error;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, granted: &Function) -> Result<Promise, JsValue>;
}

/// Does `work` while it holds the lock `name` alone.
///
/// # Errors
/// If there are no locks; then nothing was done.
pub async fn hold(name: &str, work: impl Future<Output = ()> + 'static) -> Result<(), Error> {
    let granted = Closure::once_into_js(move || {
        future_to_promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    JsFuture::from(request(name, granted.unchecked_ref())?).await?;
    Ok(())
}
