//! The one session of this worker. Memory is a cache: a worker that was stopped
//! takes its session out of the [`session_store`] before it answers anything.

use std::{cell::RefCell, rc::Rc};

use shell_core::{
    Config, Secret,
    oauth::{
        Grant,
        logout::{self, Revocation},
    },
    protocol::Message,
    session::{Action, Admission, Epoch, Event, PendingRequest, Session, Status},
};
use shell_web::{Notify, clients, clock, http, single_flight::SingleFlight, time};

use crate::session_store::{self, StoredSession};

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

static CHANGED: Notify = Notify::const_new();
static LOADING: SingleFlight = SingleFlight::const_new();

#[derive(Default)]
struct State {
    session: Session,
    /// The configuration the session was begun under, as text.
    config: String,
    /// That of the site, as far as it is known by now: read once, as every
    /// request asks for it.
    site: Option<Rc<Config>>,
    /// Whether what was stored has been read.
    loaded: bool,
}

/// Makes sure that the session is in memory; false if it is locked, because no
/// page has handed over its key yet.
pub(crate) async fn load() -> bool {
    if !is_loaded() {
        LOADING.run(read()).await;
    }
    is_loaded()
}

async fn read() {
    let found = session_store::find().await;
    STATE.with_borrow_mut(|state| match found {
        StoredSession::Locked => {}
        StoredSession::Nothing => state.loaded = true,
        StoredSession::Session(session, config) => {
            state.configure(config);
            state.session = session;
            state.loaded = true;
        }
    });
}

impl State {
    /// Takes a configuration that was read when the session was begun.
    fn configure(&mut self, config: String) {
        self.site = Config::parse(&config).ok().map(Rc::new);
        self.config = config;
    }
}

/// Forgets what a worker that was stopped has forgotten.
#[cfg(test)]
pub(crate) fn forget_memory() {
    STATE.take();
}

fn is_loaded() -> bool {
    STATE.with_borrow(|state| state.loaded)
}

/// Decides what becomes of a request.
pub(crate) async fn admit(request: &mut PendingRequest) -> Admission {
    let loaded = load().await;
    let now = clock::now();
    if loaded {
        STATE.with_borrow(|state| state.session.admit(request, state.site.as_deref(), now))
    } else {
        request.locked(now)
    }
}

/// Waits until the session changes, `seconds` at most.
pub(crate) async fn change(seconds: u64) {
    let milliseconds = u32::try_from(seconds * 1000).unwrap_or(u32::MAX);
    time::timeout(milliseconds, CHANGED.notified()).await;
}

/// What pages are told.
pub(crate) fn status() -> Status {
    STATE.with_borrow(|state| state.session.status())
}

/// What an exchange must bring back.
pub(crate) fn epoch() -> Epoch {
    STATE.with_borrow(|state| state.session.epoch())
}

/// The grant to renew, and the configuration to do it by.
pub(crate) fn renewable() -> Option<(Grant, String)> {
    STATE.with_borrow(|state| Some((state.session.renewable()?.clone(), state.config.clone())))
}

/// What requests carry, while a user is signed in.
pub(crate) fn bearer() -> Option<Secret> {
    STATE.with_borrow(|state| Some(state.session.grant()?.bearer.clone()))
}

/// Whether the grant should be renewed in the background.
pub(crate) fn is_due() -> bool {
    STATE.with_borrow(|state| state.session.is_due(clock::now()))
}

/// Records that the server accepts the bearer.
pub(crate) async fn accepted() {
    if STATE.with_borrow(|state| state.session.is_rejected()) {
        on(Event::Accepted).await;
    }
}

/// Records the configuration of the site as it is now.
pub(crate) fn know(site: Rc<Config>) {
    STATE.with_borrow_mut(|state| state.site = Some(site));
}

/// The site, as far as it is known.
pub(crate) fn site() -> Option<Rc<Config>> {
    STATE.with_borrow(|state| state.site.clone())
}

/// The configuration of the session; empty if there is none.
pub(crate) fn configuration() -> String {
    STATE.with_borrow(|state| state.config.clone())
}

/// Signs in under `config`.
pub(crate) async fn issued(grant: Grant, begun: Epoch, config: String) {
    STATE.with_borrow_mut(|state| state.configure(config));
    on(Event::Issued(grant, begun)).await;
}

/// Applies `event`, stores what changed, tells every page if the status did,
/// and does what is left to do; returns what came of that.
pub(crate) async fn on(event: Event) -> Revocation {
    let (before, stored) = (status(), checkpoint());
    let action = STATE.with_borrow_mut(|state| {
        let (next, action) = std::mem::take(&mut state.session).on(event, clock::now());
        state.session = next;
        action
    });
    if checkpoint() != stored {
        CHANGED.notify_waiters();
        session_store::store(checkpoint).await;
    }
    if status() != before {
        CHANGED.notify_waiters();
        tell_pages().await;
    }
    match action {
        Some(action) => perform(action).await,
        None => Revocation::Done,
    }
}

/// A grant that is not revoked expires; only a user who signs out is told.
async fn perform(action: Action) -> Revocation {
    let Action::Revoke(refresh) = action;
    let Ok(config) = Config::parse(&configuration()) else {
        return Revocation::Unconfirmed;
    };
    match logout::revoke(&refresh, &config) {
        Some(request) => {
            let response = http::post(&request).await;
            logout::revoked(response.map(|response| response.as_response().status))
        }
        None => Revocation::Refused,
    }
}

fn checkpoint() -> Option<Secret> {
    STATE.with_borrow(|state| state.session.checkpoint(&state.config))
}

/// Broadcasts the status.
pub(crate) async fn tell_pages() {
    // A page that cannot be reached asks for the status when it wakes.
    let _ = clients::broadcast(&status().write()).await;
}
