//! Persistent storage: named values in IndexedDB, which outlive the worker.
//!
//! Any script of the origin can read this store, so nothing secret goes in
//! without being [sealed](crate::crypto).
//!
//! It stands on `web-sys`: with the `idb` crate, which wraps it in types of its
//! own, the worker was 4 KB larger (brotli) than the ceiling for what arrives
//! before MLflow's document.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbObjectStore, IdbRequest, IdbTransactionMode, ServiceWorkerGlobalScope,
};

use crate::Error;

const DATABASE: &str = "mlflow-auth-shell";
const VERSION: u32 = 1;
const VALUES: &str = "values";

/// An open database.
#[derive(Debug)]
pub struct Store(IdbDatabase);

impl Store {
    /// Opens the database, making it if need be.
    pub async fn open() -> Result<Self, Error> {
        // A window has the same property.
        let global: ServiceWorkerGlobalScope = js_sys::global().unchecked_into();
        let factory = global.indexed_db()?.ok_or(JsValue::UNDEFINED)?;
        let request = factory.open_with_u32(DATABASE, VERSION)?;
        let opening = request.clone();
        let create = Closure::once(move || {
            let database: Result<IdbDatabase, _> = opening.result().map(JsCast::unchecked_into);
            // Without the object store no transaction can be opened, which is
            // reported then.
            let _ = database.map(|database| database.create_object_store(VALUES));
        });
        request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
        Ok(Self(settled(&request).await?.unchecked_into()))
    }

    /// Writes `value` under `key`.
    pub async fn put(&self, key: &str, value: &JsValue) -> Result<(), Error> {
        let request = self.values()?.put_with_key(value, &key.into())?;
        settled(&request).await.map(drop)
    }

    /// The value under `key`.
    pub async fn get(&self, key: &str) -> Result<Option<JsValue>, Error> {
        let request = self.values()?.get(&key.into())?;
        settled(&request).await.map(defined)
    }

    /// Reads and removes the value under `key` in one transaction, so that of
    /// two callers one gets it.
    pub async fn take(&self, key: &str) -> Result<Option<JsValue>, Error> {
        let values = self.values()?;
        let request = values.get(&key.into())?;
        // Queued before anything is awaited: the transaction would end there.
        values.delete(&key.into())?;
        settled(&request).await.map(defined)
    }

    /// Every key.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let request = self.values()?.get_all_keys()?;
        let keys: Array = settled(&request).await?.unchecked_into();
        Ok(keys.iter().filter_map(|key| key.as_string()).collect())
    }

    /// Removes everything.
    pub async fn clear(&self) -> Result<(), Error> {
        settled(&self.values()?.clear()?).await.map(drop)
    }

    fn values(&self) -> Result<IdbObjectStore, Error> {
        let mode = IdbTransactionMode::Readwrite;
        let transaction = self.0.transaction_with_str_and_mode(VALUES, mode)?;
        Ok(transaction.object_store(VALUES)?)
    }
}

/// What a request comes to.
async fn settled(request: &IdbRequest) -> Result<JsValue, Error> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?),
        Err(event) => {
            let error = request.error().ok().flatten();
            Err(error.map_or(event, JsValue::from).into())
        }
    }
}

fn defined(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined()).then_some(value)
}
