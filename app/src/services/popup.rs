//! Windows beside this page: the one a sign-in opens beside MLflow, and those of
//! a sign-in from inside another site's page ([`shell_core::relay`]).

use std::cell::RefCell;

use leptos::prelude::Callable;
use shell_core::{
    config::CALLBACK,
    page::{Address, Msg, WindowId},
    popup::{CHANNEL, NOTE, PATH, PATIENCE, PopupMessage, PopupRecord, PopupSignIn, Return},
    protocol::Message,
};
use shell_web::{
    clock, http, spawn_local,
    storage::Storage,
    time,
    windows::{self, Channel, Other},
};

use super::Dispatch;

/// Where the errand is noted, for a page that is loaded again meanwhile.
const ERRAND: &str = "mlflow-auth-shell:sign-in";

/// How often the gateway is asked for what the callback may have left there,
/// in milliseconds.
const COLLECTION_PERIOD: u32 = 3_000;

thread_local! {
    /// The window that this page opened last.
    static OPENED: RefCell<Option<Other>> = const { RefCell::new(None) };
    /// The windows that have sent something, by their [`WindowId`].
    static SENDERS: RefCell<Vec<Other>> = const { RefCell::new(Vec::new()) };
    static BROADCAST: RefCell<Option<Channel>> = const { RefCell::new(None) };
}

/// Opens `address` in a window; false if the browser does not allow it.
pub(super) fn open(address: &str) -> bool {
    let window = windows::open(address);
    let is_open = window.is_some();
    OPENED.set(window);
    is_open
}

/// Takes the window that was opened last to `url`.
pub(super) fn navigate(url: &str) {
    OPENED.with_borrow(|window| window.as_ref().map(|window| window.navigate(url)));
}

/// Closes the window that was opened last.
pub(super) fn close() {
    OPENED.with_borrow(|window| window.as_ref().map(Other::close));
}

/// Listens to windows that this page may have opened.
pub(super) fn listen_to_windows(dispatch: Dispatch) {
    windows::on_word(move |text, source| {
        if let Ok(word) = PopupMessage::read(&text) {
            let is_ours = source.is_ours();
            let from = id(source);
            dispatch.run(Msg::WindowMessage {
                from,
                is_ours,
                word,
            });
        }
    });
}

fn id(source: Other) -> WindowId {
    SENDERS.with_borrow_mut(|senders| {
        let known = senders.iter().position(|sender| sender.is(&source));
        WindowId(known.unwrap_or_else(|| {
            senders.push(source);
            senders.len() - 1
        }))
    })
}

/// Says `word` to that window.
pub(super) fn reply(WindowId(window): WindowId, word: &PopupMessage) {
    SENDERS.with_borrow(|senders| senders.get(window).map(|sender| sender.say(&word.write())));
}

/// The errand that this tab was on before the page was loaded again.
pub(super) fn kept_errand() -> Option<PopupSignIn> {
    PopupSignIn::read(&Storage::Session.get(ERRAND)?, clock::now())
}

/// Notes the errand, or removes its note.
pub(super) fn keep_errand(errand: Option<&PopupSignIn>) {
    match errand {
        Some(errand) => drop(Storage::Session.set(ERRAND, &errand.write())),
        None => Storage::Session.remove(ERRAND),
    }
}

/// Asks the gateway, after a pause, for what the callback may have left there.
pub(super) fn collect(errand: PopupSignIn, dispatch: Dispatch) {
    spawn_local(async move {
        time::sleep(COLLECTION_PERIOD).await;
        let reply = http::post(&errand.collection()).await.ok();
        let collected = reply.map(|reply| errand.collected(reply.as_answer()));
        dispatch.run(Msg::Collected(errand, collected));
    });
}

/// What the address returned to an errand that the relay in this browser was
/// given.
pub(super) fn returned(address: &Address) -> Option<(Return, PopupRecord)> {
    if address.path != CALLBACK {
        return None;
    }
    let query = &address.query;
    let returned = Return::read(query).or_else(|| {
        let names = Storage::Local.keys(NOTE);
        let state = names.first()?.strip_prefix(NOTE)?;
        Return::of_error(query, state)
    })?;
    let note = note(&returned.state)?;
    Some((returned, note))
}

/// Removes the notes of errands that were not finished in time, in the windows
/// that read such notes.
pub(super) fn remove_stale_notes(address: &Address) {
    if ![CALLBACK, PATH].contains(&address.path.as_str()) {
        return;
    }
    for name in Storage::Local.keys(NOTE) {
        let text = Storage::Local.get(&name).unwrap_or_default();
        if PopupRecord::read(&text, clock::now()).is_none() {
            Storage::Local.remove(&name);
        }
    }
}

/// Listens to the page that opened this window, and to other popups.
pub(super) fn listen_as_popup(dispatch: Dispatch) {
    if let Some(opener) = windows::opener() {
        windows::on_word(move |text, source| {
            if let (true, Ok(word)) = (source.is(&opener), PopupMessage::read(&text)) {
                dispatch.run(Msg::OpenerMessage(word));
            }
        });
    }
    with_channel(|channel| {
        channel.on_word(move |text| {
            if let Ok(word) = PopupMessage::read(&text) {
                dispatch.run(Msg::ChannelMessage(word));
            }
        });
    });
}

/// Says `word` to the page that opened this window.
pub(super) fn say_to_opener(word: &PopupMessage) {
    if let Some(opener) = windows::opener() {
        opener.say(&word.write());
    }
}

/// Says `word` to every other popup of this browser.
pub(super) fn broadcast(word: &PopupMessage) {
    with_channel(|channel| channel.say(&word.write()));
}

/// Where site data is blocked there is no channel.
fn with_channel(act: impl FnOnce(&Channel)) {
    BROADCAST.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Channel::open(CHANNEL);
        }
        kept.as_ref().map(act)
    });
}

/// Looks up the note of `errand`.
pub(super) fn find_note(errand: PopupSignIn, dispatch: Dispatch) {
    let note = note(&errand.state);
    dispatch.run(Msg::NoteFound(errand, note));
}

fn note(state: &str) -> Option<PopupRecord> {
    PopupRecord::read(&Storage::Local.get(&name(state))?, clock::now())
}

/// Leaves the note of the errand of `state`, or removes it. Where site data is
/// blocked the callback finds nothing, and says so.
pub(super) fn keep_note(state: &str, note: Option<&PopupRecord>) {
    match note {
        Some(note) => drop(Storage::Local.set(&name(state), &note.write())),
        None => Storage::Local.remove(&name(state)),
    }
}

fn name(state: &str) -> String {
    format!("{NOTE}{state}")
}

/// Waits as long as another window may take to answer.
pub(super) fn wait(dispatch: Dispatch) {
    spawn_local(async move {
        time::sleep(PATIENCE).await;
        dispatch.run(Msg::Waited);
    });
}

/// Leaves the return with the gateway.
pub(super) fn deposit(returned: Return, dispatch: Dispatch) {
    spawn_local(async move {
        let reply = http::post(&returned.deposit()).await;
        let is_kept = reply.is_ok_and(|reply| reply.as_answer().status == 204);
        dispatch.run(Msg::Deposited(is_kept));
    });
}
