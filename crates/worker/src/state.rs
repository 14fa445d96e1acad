//! The one session of this worker, and the loop that drives it.

use std::cell::RefCell;

use shell_core::{
    Config, Secret, Timestamp,
    intercept::Clearance,
    oauth::logout,
    protocol::Message,
    session::{Action, Event, Session, Status},
};
use shell_web::{clock, http, scope};

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
}

/// The token for a cleared request, if there is one.
pub(crate) fn bearer(clearance: &Clearance, now: Timestamp) -> Option<Secret> {
    SESSION.with_borrow(|session| session.bearer(clearance, now).cloned())
}

/// Ends a session that is over, and tells every page that nobody is signed in:
/// a page that shows MLflow does not know it.
pub(crate) async fn refused() {
    on(Event::Tick).await;
    tell_pages().await;
}

/// What pages are told.
pub(crate) fn status() -> Status {
    SESSION.with_borrow(Session::status)
}

/// Applies `event`, tells every page if the status changed, and returns what
/// is left to do.
pub(crate) async fn on(event: Event) -> Option<Action> {
    let before = status();
    let action = SESSION.with_borrow_mut(|session| {
        let (next, action) = std::mem::take(session).on(event, clock::now());
        *session = next;
        action
    });
    if status() != before {
        tell_pages().await;
    }
    action
}

async fn tell_pages() {
    // A page that cannot be reached asks for the status when it wakes.
    let _ = scope::tell_pages(&status().write()).await;
}

/// Performs `action`; false if the provider did not confirm it.
pub(crate) async fn perform(action: Option<Action>, config: &Config) -> bool {
    let Some(Action::Revoke(refresh)) = action else {
        return true;
    };
    http::post(&logout::revoke(&refresh, config))
        .await
        .is_ok_and(|reply| reply.as_answer().status == 200)
}
