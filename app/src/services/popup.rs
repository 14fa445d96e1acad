//! Popups and the messages between them: the one a sign-in opens beside MLflow, and those of
//! a sign-in from inside another site's page ([`shell_core::popup`]).

use std::cell::RefCell;

use leptos::prelude::Callable;
use shell_core::{
    config::CALLBACK,
    page::{Address, Msg, WindowId},
    popup::{
        CHANNEL, PATH, PATIENCE, PopupMessage, PopupRecord, PopupSignIn, RECORD_PREFIX, Return,
    },
    protocol::Message,
};
use shell_web::{
    clock, http, spawn_local,
    storage::Storage,
    time,
    windows::{self, Channel, WindowHandle},
};

use super::Dispatch;

/// Where the pending sign-in is stored, for a page that is loaded again meanwhile.
const SIGN_IN: &str = "mlflow-auth-shell:sign-in";

/// How often the gateway is asked for what the callback may have left there,
/// in milliseconds.
const COLLECTION_PERIOD: u32 = 3_000;

thread_local! {
    /// The window that this page opened last.
    static OPENED: RefCell<Option<WindowHandle>> = const { RefCell::new(None) };
    /// The windows that have sent something, by their [`WindowId`].
    static SENDERS: RefCell<Vec<WindowHandle>> = const { RefCell::new(Vec::new()) };
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
    OPENED.with_borrow(|window| window.as_ref().map(WindowHandle::close));
}

/// Listens to windows that this page may have opened.
pub(super) fn listen_to_windows(dispatch: Dispatch) {
    windows::on_message(move |text, source| {
        if let Ok(message) = PopupMessage::read(&text) {
            let is_ours = source.is_ours();
            let from = id(source);
            dispatch.run(Msg::WindowMessage {
                from,
                is_ours,
                message,
            });
        }
    });
}

fn id(source: WindowHandle) -> WindowId {
    SENDERS.with_borrow_mut(|senders| {
        let known = senders.iter().position(|sender| sender.is(&source));
        WindowId(known.unwrap_or_else(|| {
            senders.push(source);
            senders.len() - 1
        }))
    })
}

/// Sends `message` to that window.
pub(super) fn reply(WindowId(window): WindowId, message: &PopupMessage) {
    SENDERS.with_borrow(|senders| {
        senders
            .get(window)
            .map(|sender| sender.post(&message.write()))
    });
}

/// The sign-in that was pending in this tab before the page was loaded again.
pub(super) fn stored_sign_in() -> Option<PopupSignIn> {
    PopupSignIn::read(&Storage::Session.get(SIGN_IN)?, clock::now())
}

/// Stores the pending sign-in, or removes it.
pub(super) fn store_sign_in(sign_in: Option<&PopupSignIn>) {
    match sign_in {
        Some(sign_in) => drop(Storage::Session.set(SIGN_IN, &sign_in.write())),
        None => Storage::Session.remove(SIGN_IN),
    }
}

/// Asks the gateway, after a pause, for what the callback may have left there.
pub(super) fn collect(sign_in: PopupSignIn, dispatch: Dispatch) {
    spawn_local(async move {
        time::sleep(COLLECTION_PERIOD).await;
        let response = http::post_once(&sign_in.collection()).await.ok();
        let collected = response.map(|response| sign_in.collected(response.as_response()));
        dispatch.run(Msg::Collected(sign_in, collected));
    });
}

/// The return in the address, if it belongs to a sign-in that has a record in this
/// browser.
pub(super) fn returned(address: &Address) -> Option<(Return, PopupRecord)> {
    if address.path != CALLBACK {
        return None;
    }
    let names = Storage::Local.keys(RECORD_PREFIX);
    let returned = Return::find(&address.query, names.iter().map(String::as_str))?;
    let record = record(&returned.state)?;
    Some((returned, record))
}

/// Removes the records of sign-ins that were not finished in time, in the windows
/// that read such records.
pub(super) fn remove_stale_records(address: &Address) {
    if ![CALLBACK, PATH].contains(&address.path.as_str()) {
        return;
    }
    for name in Storage::Local.keys(RECORD_PREFIX) {
        let text = Storage::Local.get(&name).unwrap_or_default();
        if PopupRecord::read(&text, clock::now()).is_none() {
            Storage::Local.remove(&name);
        }
    }
}

/// Listens to the page that opened this window, and to other popups.
pub(super) fn listen_as_popup(dispatch: Dispatch) {
    if let Some(opener) = windows::opener() {
        windows::on_message(move |text, source| {
            if let (true, Ok(message)) = (source.is(&opener), PopupMessage::read(&text)) {
                dispatch.run(Msg::OpenerMessage(message));
            }
        });
    }
    with_channel(|channel| {
        channel.on_message(move |text| {
            if let Ok(message) = PopupMessage::read(&text) {
                dispatch.run(Msg::ChannelMessage(message));
            }
        });
    });
}

/// Sends `message` to the page that opened this window.
pub(super) fn post_to_opener(message: &PopupMessage) {
    if let Some(opener) = windows::opener() {
        opener.post(&message.write());
    }
}

/// Sends `message` to every other popup of this browser.
pub(super) fn broadcast(message: &PopupMessage) {
    with_channel(|channel| channel.post(&message.write()));
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

/// Looks up the record of `sign_in`.
pub(super) fn find_record(sign_in: PopupSignIn, dispatch: Dispatch) {
    let record = record(&sign_in.state);
    dispatch.run(Msg::RecordFound(sign_in, record));
}

fn record(state: &str) -> Option<PopupRecord> {
    PopupRecord::read(&Storage::Local.get(&name(state))?, clock::now())
}

/// Leaves the record of the sign-in of `state`, or removes it. Where site data is
/// blocked the callback finds nothing, and says so.
pub(super) fn store_record(state: &str, record: Option<&PopupRecord>) {
    match record {
        Some(record) => drop(Storage::Local.set(&name(state), &record.write())),
        None => Storage::Local.remove(&name(state)),
    }
}

fn name(state: &str) -> String {
    format!("{RECORD_PREFIX}{state}")
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
        let response = http::post_once(&returned.deposit()).await;
        let is_kept = response.is_ok_and(|response| response.as_response().status == 204);
        dispatch.run(Msg::Deposited(is_kept));
    });
}
