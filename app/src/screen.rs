//! What is on the screen: MLflow under its bar if somebody is signed in, and a
//! card over it, or instead of it, if there is something to say or to do.
//!
//! Everything else in this crate says what is to be shown by these functions;
//! nothing else draws.

use std::cell::RefCell;

use shell_core::{oauth::User, session::Health, site::Site};
use shell_web::{dom, spawn_local, wait};

use crate::{bar, cards::Card, workbench};

/// How long a passing notice is shown, in milliseconds.
const PASSING: i32 = 8_000;

thread_local! {
    static SCREEN: RefCell<Screen> = RefCell::default();
}

#[derive(Default)]
struct Screen {
    user: Option<User>,
    card: Option<Card>,
    site: Site,
    upstream: Option<String>,
    health: Option<Health>,
    /// Counts the passing notices, so that only the last is taken away.
    mentions: u32,
}

/// Shows `card` and nothing else.
pub(crate) fn show(card: Card) {
    SCREEN.with_borrow_mut(|screen| screen.user = None);
    workbench::close();
    lay(card);
}

/// Shows `card` over whatever is there, which cannot be used meanwhile.
pub(crate) fn lay(card: Card) {
    card.draw();
    SCREEN.with_borrow_mut(|screen| screen.card = Some(card));
    dom::find(workbench::ID).mark("inert", true);
}

/// Takes the card away.
pub(crate) fn lift() {
    if SCREEN
        .with_borrow_mut(|screen| screen.card.take())
        .is_some()
    {
        dom::fill(Card::PLACE, &[]);
        dom::find(workbench::ID).mark("inert", false);
    }
}

/// Shows MLflow to `user`, on this server of this site.
pub(crate) fn open(user: User, site: Site, upstream: Option<String>) {
    lift();
    bar::draw(&user, &site, upstream.as_deref());
    workbench::open(upstream.as_deref());
    SCREEN.with_borrow_mut(|screen| {
        screen.user = Some(user);
        screen.site = site;
        screen.upstream = upstream;
    });
}

/// Shows another server.
pub(crate) fn switch_to(upstream: String) {
    workbench::open(Some(&upstream));
    SCREEN.with_borrow_mut(|screen| screen.upstream = Some(upstream));
}

/// Says how the session does.
pub(crate) fn tell(health: Health) {
    bar::tell(&health);
    SCREEN.with_borrow_mut(|screen| screen.health = Some(health));
}

/// Says something for a moment.
pub(crate) fn mention(words: &str) {
    let number = SCREEN.with_borrow_mut(|screen| {
        screen.mentions += 1;
        screen.mentions
    });
    bar::mention(words);
    spawn_local(async move {
        wait::pause(PASSING).await;
        if SCREEN.with_borrow(|screen| screen.mentions) == number {
            bar::mention("");
        }
    });
}

/// How the session does.
pub(crate) fn health() -> Health {
    let health = SCREEN.with_borrow(|screen| screen.health.clone());
    health.unwrap_or(Health::Well)
}

/// Who works in MLflow; nobody as long as MLflow is not shown.
pub(crate) fn user() -> Option<User> {
    SCREEN.with_borrow(|screen| screen.user.clone())
}

/// The card that is shown.
pub(crate) fn card() -> Option<Card> {
    SCREEN.with_borrow(|screen| screen.card.clone())
}

/// What there is on this site.
pub(crate) fn site() -> Site {
    SCREEN.with_borrow(|screen| screen.site.clone())
}

/// The MLflow server that is shown.
pub(crate) fn upstream() -> Option<String> {
    SCREEN.with_borrow(|screen| screen.upstream.clone())
}
