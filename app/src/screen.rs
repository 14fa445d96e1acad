//! What is on the screen: MLflow under its bar if somebody is signed in, and a
//! card over it, or instead of it, if there is something to say or to do.
//!
//! Everything else in this crate says what is to be shown by these functions;
//! nothing else draws.

use std::cell::RefCell;

use shell_core::{oauth::User, session::Health, site::Site};
use shell_web::{
    dom::{self, Node},
    page, spawn_local, time,
};

use crate::{bar, cards::Card, workbench};

/// How long a passing notice is shown, in milliseconds.
const PASSING: u32 = 8_000;

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
    /// What is to be known of the site as long as it is shown.
    warning: String,
    /// What the keyboard spoke to before there was a card.
    focus: Option<Node>,
    /// Counts what was shown, so that what comes late is noticed.
    turn: u32,
    /// Counts the passing notices, so that only the last is taken away.
    mentions: u32,
}

/// Shows `card` and nothing else.
pub(crate) fn show(card: Card) {
    SCREEN.with_borrow_mut(|screen| {
        screen.user = None;
        screen.card = None;
    });
    workbench::close();
    lay(card);
}

/// Shows `card` over whatever is there, which cannot be used meanwhile.
pub(crate) fn lay(card: Card) {
    if self::card().as_ref() == Some(&card) {
        return;
    }
    turn();
    let focus = dom::focused();
    let over = user().is_some();
    card.draw(over);
    if !over {
        page::show_title(&card.tab_title());
    }
    SCREEN.with_borrow_mut(|screen| {
        if screen.card.replace(card).is_none() {
            screen.focus = Some(focus);
        }
    });
    dom::find(workbench::ID).mark("inert", true);
}

/// Begins to show something: until [`is_turn`] says otherwise, nothing else was
/// shown.
pub(crate) fn turn() -> u32 {
    SCREEN.with_borrow_mut(|screen| {
        screen.turn += 1;
        screen.turn
    })
}

/// Whether nothing was shown since.
pub(crate) fn is_turn(turn: u32) -> bool {
    SCREEN.with_borrow(|screen| screen.turn == turn)
}

/// Leaves MLflow as it is, and says how its user stands.
pub(crate) fn stay(user: User, health: Health) {
    if self::user().as_ref() != Some(&user) {
        bar::draw(&user, &site(), upstream().as_deref());
        SCREEN.with_borrow_mut(|screen| screen.user = Some(user));
    }
    tell(health);
    if !card().is_some_and(|card| card.can_be_closed()) {
        lift();
    }
}

/// Takes the card away, and gives the keyboard back.
pub(crate) fn lift() {
    if SCREEN
        .with_borrow_mut(|screen| screen.card.take())
        .is_some()
    {
        dom::fill(Card::PLACE, &[]);
        dom::find(workbench::ID).mark("inert", false);
        if let Some(focus) = SCREEN.with_borrow_mut(|screen| screen.focus.take()) {
            focus.focus();
        }
    }
}

/// Closes what a person may close without a choice: the menu, or such a card.
pub(crate) fn escape() {
    page::close_menus();
    if card().is_some_and(|card| card.can_be_closed()) {
        lift();
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

/// Says something for good.
pub(crate) fn warn(words: String) {
    SCREEN.with_borrow_mut(|screen| screen.warning = words);
    tell(health());
}

/// What was said for good.
pub(crate) fn warning() -> String {
    SCREEN.with_borrow(|screen| screen.warning.clone())
}

/// Says something for a moment.
pub(crate) fn mention(words: &str) {
    let number = SCREEN.with_borrow_mut(|screen| {
        screen.mentions += 1;
        screen.mentions
    });
    bar::mention(words);
    spawn_local(async move {
        time::sleep(PASSING).await;
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
