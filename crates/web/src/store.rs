//! What outlives a killed worker: named values in IndexedDB.
//!
//! Any script of the origin can read this store, so nothing secret goes in
//! without being [sealed](crate::crypto).

use idb::{Database, DatabaseEvent, Factory, ObjectStore, ObjectStoreParams, TransactionMode};
use wasm_bindgen::JsValue;

use crate::Error;

const DATABASE: &str = "mlflow-auth-shell";
const VERSION: u32 = 1;
const VALUES: &str = "values";

/// Has the browser delete the database as soon as no worker uses it any more.
/// Called by a page whose worker does not answer.
pub fn delete() {
    let factory = web_sys::window().and_then(|window| window.indexed_db().ok()?);
    // The page goes on without it.
    let _ = factory.map(|factory| factory.delete_database(DATABASE));
}

/// An open database.
#[derive(Debug)]
pub struct Store(Database);

impl Store {
    /// Opens the database, making it if need be.
    pub async fn open() -> Result<Self, Error> {
        let mut request = Factory::new()?.open(DATABASE, Some(VERSION))?;
        request.on_upgrade_needed(|event| {
            // Without the object store no transaction can be opened, which is
            // reported then.
            let _ = event
                .database()
                .map(|database| database.create_object_store(VALUES, ObjectStoreParams::new()));
        });
        Ok(Self(request.await?))
    }

    /// Writes `value` under `key`.
    pub async fn put(&self, key: &str, value: &JsValue) -> Result<(), Error> {
        self.values()?.put(value, Some(&key.into()))?.await?;
        Ok(())
    }

    /// The value under `key`.
    pub async fn get(&self, key: &str) -> Result<Option<JsValue>, Error> {
        Ok(self.values()?.get(JsValue::from(key))?.await?)
    }

    /// Reads and removes the value under `key` in one transaction, so that of
    /// two callers one gets it.
    pub async fn take(&self, key: &str) -> Result<Option<JsValue>, Error> {
        let values = self.values()?;
        let value = values.get(JsValue::from(key))?;
        // Queued before anything is awaited: the transaction would end there.
        values.delete(JsValue::from(key))?;
        Ok(value.await?)
    }

    /// Every key.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let keys = self.values()?.get_all_keys(None, None)?.await?;
        Ok(keys.iter().filter_map(JsValue::as_string).collect())
    }

    /// Removes everything.
    pub async fn clear(&self) -> Result<(), Error> {
        Ok(self.values()?.clear()?.await?)
    }

    fn values(&self) -> Result<ObjectStore, Error> {
        let transaction = self.0.transaction(&[VALUES], TransactionMode::ReadWrite)?;
        Ok(transaction.object_store(VALUES)?)
    }
}
