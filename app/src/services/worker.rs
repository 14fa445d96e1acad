//! The service worker, as the page uses it: registration and control, requests and
//! replies, keep-alive pings, updates.

use leptos::prelude::Callable;
use shell_core::{
    UserError,
    page::{ControlState, Msg, Purpose},
    protocol::{Message, Notice, PageRequest, WorkerReply},
    session::Status,
    update,
};
use shell_web::{
    page, spawn_local,
    store::Store,
    workers::{self, Registration},
};

use super::{Dispatch, tab};

const SCRIPT: &str = "/sw.js";

/// How often the worker is kept awake, in milliseconds. Firefox stops a worker
/// 30 s after its last event, even while an answer streams (rule W11).
const PING: u32 = 10_000;

/// How often the server is asked for another build, in milliseconds. Browsers
/// ask by themselves whenever a page is loaded.
const UPDATE_CHECK: u32 = 60 * 60 * 1000;

/// How long the worker may take to answer, in milliseconds: it may have to
/// read the configuration, and for a sign-in to wait for the provider.
const PATIENCE: u32 = 40_000;

/// How long a worker that may be broken is waited for, in milliseconds.
const RESET_PATIENCE: u32 = 5_000;

/// Listens to what the worker tells every page.
pub(super) fn listen(dispatch: Dispatch) {
    workers::on_notice(move |text| {
        if let Ok(notice) = Notice::read(&text) {
            dispatch.run(Msg::Denied(notice.sentence));
        } else if let Ok(status) = Status::read(&text) {
            dispatch.run(Msg::StatusChanged(status));
        }
    });
    workers::on_change(move || dispatch.run(Msg::WorkerReplaced));
}

/// Listens only so far that a worker which looks for its key hears that this page
/// has none.
pub(super) fn answer_without_key() {
    if workers::exist() {
        workers::on_notice(|_| {});
    }
}

/// Registers the worker.
pub(super) fn register(dispatch: Dispatch) {
    let registering = workers::register(SCRIPT);
    if workers::is_controlled() {
        // Whether an update is on its way is no reason to wait.
        spawn_local(async move { drop(registering.await) });
        return report_control(false, false, dispatch);
    }
    spawn_local(async move {
        match registering.await {
            Ok(registration) => report_control(registration.is_installing(), false, dispatch),
            Err(error) => dispatch.run(Msg::RegistrationFailed {
                name: error.name(),
                message: error.to_string(),
            }),
        }
    });
}

/// Waits until a worker takes control, `patience` milliseconds at most.
pub(super) fn await_control(patience: u32, dispatch: Dispatch) {
    spawn_local(async move {
        workers::control(patience).await;
        workers::on_change(move || dispatch.run(Msg::WorkerReplaced));
        let registration = workers::registration().await;
        let is_installing = registration
            .as_ref()
            .is_some_and(Registration::is_installing);
        report_control(is_installing, true, dispatch);
    });
}

fn report_control(installing: bool, waited: bool, dispatch: Dispatch) {
    dispatch.run(Msg::ControlChecked(ControlState {
        controlled: workers::is_controlled(),
        installing,
        waited,
        reloaded: tab::was_reloaded(),
    }));
}

/// Keeps the worker awake and up to date as long as the page is open.
pub(super) fn keep_awake() {
    tab::forget_reload();
    page::every(PING, || spawn_local(ping()));
    page::every(UPDATE_CHECK, || spawn_local(workers::check_for_update()));
}

async fn ping() {
    if let WorkerReply::Awake(running) = reply_to(PageRequest::Ping).await
        && update::may_take_over(running)
    {
        workers::tell_waiting(&PageRequest::TakeOver.write()).await;
    }
}

/// Sends a request to the worker, and passes its reply on.
pub(super) fn ask(purpose: Purpose, request: PageRequest, dispatch: Dispatch) {
    spawn_local(async move {
        let reply = reply_to(request).await;
        dispatch.run(Msg::Answered(purpose, reply));
    });
}

async fn reply_to(request: PageRequest) -> WorkerReply {
    let text = request.write();
    let mut reply = None;
    if let Some(wait) = request.resend_after() {
        reply = workers::ask(&text, wait).await;
    }
    if reply.is_none() {
        reply = workers::ask(&text, PATIENCE).await;
    }
    match reply {
        Some(text) => WorkerReply::read(&text).unwrap_or(WorkerReply::Failed(UserError::Version)),
        None => WorkerReply::Failed(UserError::Silent),
    }
}

/// Forgets everything of this site, and opens it as for the first time. Each step
/// as far as it goes: this is for a browser in which something is broken.
pub(super) fn reset() {
    spawn_local(async {
        // A worker that still works forgets what it has in memory.
        workers::ask(&PageRequest::SignOut.write(), RESET_PATIENCE).await;
        if let Ok(store) = Store::open().await {
            let _ = store.clear().await;
        }
        let _ = workers::unregister_all().await;
        tab::forget();
        page::navigate("/");
    });
}
