//! The documents of the last visit, in the memory of this worker: a visit is
//! answered with them at once, and the server is asked for the next one. Which
//! these are, [`shell_core::kept_document`] says.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
};

use shell_core::{
    Timestamp,
    kept_document::{KeptDocument, is_fresh, is_kept},
    session::Epoch,
};
use shell_web::{
    Error, clock,
    fetch_response::{FetchResponse, Kept},
    request::Outgoing,
    spawn_local,
};

use crate::state;

thread_local! {
    /// A handful, one for each path.
    static KEPT: RefCell<Vec<Copy>> = const { RefCell::new(Vec::new()) };
    /// Counts what is to be kept: of two answers the later one is.
    static COUNT: Cell<u32> = const { Cell::new(0) };
    /// The count when everything was forgotten: nothing from before is kept.
    static FORGOTTEN: Cell<u32> = const { Cell::new(0) };
}

/// A document as it was sent.
struct Copy {
    path: String,
    number: u32,
    kept: Kept,
    at: Timestamp,
    /// Whose it is: what was sent before a sign-out serves nobody after it.
    epoch: Epoch,
}

/// Answers a visit of the shell.
pub(crate) async fn shell(outgoing: Outgoing) -> Result<FetchResponse, Error> {
    let copy = find(&outgoing);
    let loaded = loaded(outgoing);
    let Some(copy) = copy else {
        return loaded.await;
    };
    spawn_local(async move {
        // Without a network the next visit finds that out.
        let _ = loaded.await;
    });
    Ok(copy)
}

/// Boxed: its code would be there once for each who waits for it.
fn loaded(outgoing: Outgoing) -> Pin<Box<dyn Future<Output = Result<FetchResponse, Error>>>> {
    Box::pin(async move {
        let response = outgoing.pass_on().await;
        match &response {
            Ok(response) => keep(&outgoing, response),
            Err(_) => forget(&outgoing),
        }
        response
    })
}

/// The copy that the request may be answered with, if there is one.
pub(crate) fn find(outgoing: &Outgoing) -> Option<FetchResponse> {
    outgoing.document()?;
    KEPT.with_borrow(|kept| {
        let copy = kept.iter().find(|copy| copy.path == outgoing.path())?;
        let is_theirs =
            copy.epoch == state::epoch() || outgoing.document() == Some(KeptDocument::Shell);
        let serves = is_theirs && is_fresh(copy.at, clock::now());
        serves.then(|| copy.kept.response().ok()).flatten()
    })
}

/// Keeps the response for the next visit, or forgets what was kept if it is no
/// document.
pub(crate) fn keep(outgoing: &Outgoing, response: &FetchResponse) {
    if outgoing.document().is_none() {
        return;
    }
    let media_type = response.header("content-type");
    if !is_kept(response.status(), media_type.as_deref()) {
        forget(outgoing);
        return;
    }
    let (path, epoch) = (outgoing.path().to_owned(), state::epoch());
    let (kept, number) = (response.keep(), COUNT.get().wrapping_add(1));
    COUNT.set(number);
    spawn_local(async move {
        if let Ok(kept) = kept.await
            && number > FORGOTTEN.get()
            && !has_later(&path, number)
        {
            let at = clock::now();
            let copy = Copy {
                path,
                number,
                kept,
                at,
                epoch,
            };
            remove(&copy.path);
            KEPT.with_borrow_mut(|all| all.push(copy));
        }
    });
}

/// Forgets the copy: the server has none.
pub(crate) fn forget(outgoing: &Outgoing) {
    remove(outgoing.path());
}

fn has_later(path: &str, number: u32) -> bool {
    KEPT.with_borrow(|kept| {
        kept.iter()
            .any(|copy| copy.path == path && copy.number > number)
    })
}

fn remove(path: &str) {
    KEPT.with_borrow_mut(|kept| kept.retain(|copy| copy.path != path));
}

/// Forgets all copies.
pub(crate) fn forget_all() {
    FORGOTTEN.set(COUNT.get());
    KEPT.take();
}
