//! Pending sign-ins: sealed in storage, because the worker may be stopped while
//! the user types a password, and taken out once.

use shell_core::{Secret, Timestamp, oauth::authorization::Transaction};
use shell_web::{Error, JsValue, crypto::Key, store::Store};

const KEY: &str = "seal";
const PREFIX: &str = "transaction:";

/// Stores `transaction` until its return, and drops those that expired.
pub(crate) async fn keep(transaction: &Transaction, now: Timestamp) -> Result<(), Error> {
    let store = Store::open().await?;
    let key = key(&store).await?;
    drop_stale(&store, &key, now).await?;
    let name = name(transaction.state());
    let sealed = key.seal(transaction.write().expose(), &name).await?;
    store.put(&name, &sealed).await
}

/// Takes the transaction of `state` out of storage, if there is one.
pub(crate) async fn take(state: &Secret) -> Result<Option<Transaction>, Error> {
    let store = Store::open().await?;
    let key = key(&store).await?;
    let name = name(state);
    let sealed = store.take(&name).await?;
    Ok(open(&key, sealed, &name).await)
}

async fn drop_stale(store: &Store, key: &Key, now: Timestamp) -> Result<(), Error> {
    for name in store.keys().await? {
        if !name.starts_with(PREFIX) {
            continue;
        }
        let kept = open(key, store.get(&name).await?, &name).await;
        if kept.is_none_or(|transaction| transaction.is_stale(now)) {
            store.take(&name).await?;
        }
    }
    Ok(())
}

async fn open(key: &Key, sealed: Option<JsValue>, name: &str) -> Option<Transaction> {
    Transaction::read(&key.open(sealed?, name).await.ok()?)
}

async fn key(store: &Store) -> Result<Key, Error> {
    if let Some(key) = store.get(KEY).await?.and_then(Key::from_stored) {
        return Ok(key);
    }
    let key = Key::generate().await?;
    store.put(KEY, key.as_stored()).await?;
    Ok(key)
}

fn name(state: &Secret) -> String {
    format!("{PREFIX}{}", state.expose())
}
