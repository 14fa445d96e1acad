//! The session in storage, for a worker that is stopped and woken again.
//!
//! It is sealed. The key is kept by the open pages, in memory
//! (`session.keep: "while-open"`), or by the browser as one that no script can
//! read out (`"on-device"`).
//!
//! Any script of the origin can write into the store. So each sign-in that is
//! kept on the device has a new key, and where there is one that is none of ours
//! ([`shell_core::seal`]) it goes, and the session with it.

use std::cell::RefCell;

use shell_core::{Secret, config::Keep, session::Session};
use shell_web::{
    Error, JsValue,
    clients::{self, Search},
    crypto::Key,
    lock,
    store::Store,
};

/// Name of the sealed session in the store, and its label.
pub(crate) const SESSION: &str = "session";

/// Name of the key in the store, if the device keeps it.
pub(crate) const DEVICE_KEY: &str = "session-key";

/// Held while the session is written, so that the last written is the newest.
const WRITING: &str = "mlflow-auth-shell:writing";

/// How long a page may take to hand over its key, in milliseconds. MLflow's
/// scripts run in the same thread and can keep it busy.
const PATIENCE: u32 = 5_000;

thread_local! {
    static KEY: RefCell<Option<Kept>> = const { RefCell::new(None) };
    /// What a page says is the key. It is used once it has opened what is stored,
    /// and nothing is sealed with it before: a script that could choose the key
    /// could read the session.
    static OFFERED: RefCell<Option<Key>> = const { RefCell::new(None) };
}

/// The key in use, and who else has it.
#[derive(Clone)]
struct Kept {
    key: Key,
    by: Keep,
}

/// What was in storage.
pub(crate) enum StoredSession {
    /// Nothing, or nothing that can be opened any more.
    Nothing,
    /// A session whose key a page has not handed over yet.
    Locked,
    /// This session, begun under this configuration.
    Session(Session, String),
}

/// Takes the session out of storage.
pub(crate) async fn find() -> StoredSession {
    let Ok(Some(sealed)) = sealed().await else {
        return StoredSession::Nothing;
    };
    let text = match open_with_known(&sealed).await {
        Some(text) => text,
        None => match clients::search_key(&sealed, SESSION, PATIENCE).await {
            Search::Opened(key, text) => {
                keep(key, Keep::WhileOpen);
                text
            }
            Search::Nowhere => return StoredSession::Nothing,
            Search::Unanswered => return StoredSession::Locked,
        },
    };
    Session::resume(&text).map_or(StoredSession::Nothing, |(session, config)| {
        StoredSession::Session(session, config)
    })
}

/// What another worker may have left in storage, if the key in use opens it.
pub(crate) async fn peek() -> Option<Session> {
    let sealed = sealed().await.ok()??;
    let text = open_with_known(&sealed).await?;
    Session::resume(&text).map(|(session, _)| session)
}

/// Writes the session as it is when its turn comes, or removes it.
pub(crate) async fn store(session: fn() -> Option<Secret>) {
    let write = async move {
        // What cannot be stored stays in memory, and ends with this worker.
        let _ = write(session()).await;
    };
    let _ = lock::hold(WRITING, write).await;
}

/// Makes sure that there is a key for a session kept in this way.
pub(crate) async fn prepare(by: Keep) -> Result<(), Error> {
    let store = Store::open().await?;
    let key = match (by, for_pages()) {
        (Keep::WhileOpen, Some(key)) => key,
        _ => Key::generate().await?,
    };
    match by {
        Keep::OnDevice => store.put(DEVICE_KEY, key.as_stored()).await?,
        Keep::WhileOpen => drop(store.take(DEVICE_KEY).await?),
    }
    keep(key, by);
    Ok(())
}

/// Takes note of the key that a page sent along, if none is in use.
pub(crate) fn offer(key: Option<Key>) {
    if KEY.with_borrow(Option::is_none) {
        OFFERED.set(key);
    }
}

/// The key for pages to keep, if that is who keeps it.
pub(crate) fn for_pages() -> Option<Key> {
    let kept = KEY.with_borrow(Clone::clone);
    kept.filter(|kept| kept.by == Keep::WhileOpen)
        .map(|kept| kept.key)
}

/// Forgets everything that is stored, and the key.
pub(crate) async fn forget() -> Result<(), Error> {
    KEY.set(None);
    OFFERED.set(None);
    Store::open().await?.clear().await
}

/// What is left in a worker that was stopped: nothing.
#[cfg(test)]
pub(crate) fn forget_memory() {
    KEY.take();
    OFFERED.take();
}

async fn sealed() -> Result<Option<JsValue>, Error> {
    let store = Store::open().await?;
    if has_foreign_key(&store).await? {
        store.take(DEVICE_KEY).await?;
        store.take(SESSION).await?;
    }
    store.get(SESSION).await
}

/// Whether what is stored as the key is none of ours.
async fn has_foreign_key(store: &Store) -> Result<bool, Error> {
    let stored = store.get(DEVICE_KEY).await?;
    Ok(stored.is_some_and(|stored| Key::from_stored(stored).is_none()))
}

async fn open_with_known(sealed: &JsValue) -> Option<String> {
    if let Some(Kept { key, by }) = KEY.with_borrow(Clone::clone) {
        return open_with(key, by, sealed).await;
    }
    if let Some(key) = OFFERED.take()
        && let Some(text) = open_with(key, Keep::WhileOpen, sealed).await
    {
        return Some(text);
    }
    let stored = Store::open().await.ok()?.get(DEVICE_KEY).await.ok()??;
    open_with(Key::from_stored(stored)?, Keep::OnDevice, sealed).await
}

/// Opens what is stored, and from then on uses the key.
async fn open_with(key: Key, by: Keep, sealed: &JsValue) -> Option<String> {
    let text = key.open(sealed.clone(), SESSION).await.ok()?;
    keep(key, by);
    Some(text)
}

async fn write(session: Option<Secret>) -> Result<(), Error> {
    let store = Store::open().await?;
    let kept = KEY.with_borrow(Clone::clone);
    match (session, kept) {
        (Some(session), Some(Kept { key, .. })) => {
            let sealed = key.seal(session.expose(), SESSION).await?;
            store.put(SESSION, &sealed).await
        }
        _ => store.take(SESSION).await.map(drop),
    }
}

fn keep(key: Key, by: Keep) {
    KEY.set(Some(Kept { key, by }));
}
