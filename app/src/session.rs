//! How the user stands, and what the page shows of it.

use shell_core::{
    Route, Trouble,
    news::{self, Effect, Shown, Source},
    oauth::User,
    protocol::{Answer, Ask, Message, Notice},
    session::{Health, Status},
    site,
    words::card as words,
};
use shell_web::{http, page, spawn_local, theme, windows, workers};

use crate::{
    cards::Card,
    framed, screen, start, workbench,
    worker::{self, ask},
};

/// Starts the page: gets a worker, asks it how the user stands, listens.
pub(crate) fn start() {
    theme::follow();
    spawn_local(async move {
        if let Err(trouble) = begin().await {
            screen::show(Card::trouble(&trouble));
        }
    });
}

/// Begins a sign-in that ends where the user is now.
pub(crate) fn sign_in() {
    if page::is_framed() {
        return framed::begin();
    }
    screen::show(Card::progress(words::OPENING));
    start::remember_address();
    perform(sign_in_here(false));
}

/// Begins a sign-in in a window, so that MLflow stays as it is; in the page if
/// the browser opens none.
pub(crate) fn sign_in_beside() {
    if page::is_framed() {
        return framed::begin();
    }
    // At once, while the click allows it; where to is known later (rule E4).
    let Some(popup) = windows::open("about:blank") else {
        return sign_in();
    };
    spawn_local(async move {
        let answer = ask(sign_in_here(true)).await;
        if let Answer::Go(url) = answer {
            return popup.navigate(&url);
        }
        popup.close();
        if let Answer::Trouble(trouble) = answer {
            screen::lay(Card::trouble_beside(&trouble));
        }
    });
}

/// Signs out everywhere.
pub(crate) fn sign_out() {
    // The frame goes first: nothing may be in use while it is forgotten (U4).
    screen::show(Card::progress(words::SIGNING_OUT));
    perform(Ask::SignOut);
}

/// Completes a sign-in with the query of the callback, which came by another
/// way than this page's address.
pub(crate) fn complete(query: &str) {
    screen::lay(Card::progress(words::SIGNING_IN));
    let query = query.to_owned();
    let fragment = String::new();
    perform(Ask::Return { query, fragment });
}

/// Asks again how the user stands, and shows that.
pub(crate) fn look_again() {
    perform(Ask::Status);
}

pub(crate) fn sign_in_here(window: bool) -> Ask {
    let route = Route::new(&page::address().hash);
    Ask::SignIn { route, window }
}

fn perform(question: Ask) {
    spawn_local(async move { show(ask(question).await) });
}

async fn begin() -> Result<(), Trouble> {
    let address = start::arrive().await?;
    listen();
    let question = match address {
        Some(address) => Ask::Return {
            query: address.query,
            fragment: address.hash,
        },
        None => Ask::Status,
    };
    show(ask(question).await);
    Ok(())
}

fn listen() {
    workers::on_news(move |text| {
        if let Ok(notice) = Notice::read(&text) {
            screen::mention(&notice.sentence);
        } else if let Ok(status) = Status::read(&text) {
            learn(status, Source::News);
        }
    });
    workers::on_change(move || spawn_local(meet()));
    page::attend_menus();
    page::on_escape(screen::escape);
    framed::listen();
    workbench::attend();
    worker::attend();
}

/// Another worker has taken over. It learns the key from the question; if it is
/// of another build that speaks otherwise, the page has to be loaded again.
async fn meet() {
    let answer = ask(Ask::Status).await;
    if matches!(answer, Answer::Trouble(Trouble::Version)) && start::reload_once() {
        return;
    }
    let stuck = screen::card();
    let waits = stuck.is_some_and(|card| card.is_about(&Trouble::Version));
    if waits || screen::user().is_some() {
        show(answer);
    }
}

fn show(answer: Answer) {
    let card = match answer {
        Answer::Status(status) => return learn(status, Source::Answer),
        Answer::Go(url) => return page::navigate(&url),
        Answer::SignedOut { url, revoked: true } if !page::is_framed() => {
            return page::navigate(&url);
        }
        Answer::Returned { window: true, .. } => {
            page::close();
            Card::signed_in_beside()
        }
        Answer::Returned { route, .. } => {
            let query = page::address().query;
            page::show_address(&["/", &query, route.as_str()].concat());
            return perform(Ask::Status);
        }
        Answer::SignedOut { url, revoked } => Card::signed_out(url, revoked),
        Answer::Trouble(trouble) => return show_trouble(&trouble),
        Answer::Awake(_) | Answer::Site(_) => return,
    };
    screen::show(card);
}

/// A sign-in beside MLflow leaves it as it is, whatever comes of it.
fn show_trouble(trouble: &Trouble) {
    if screen::user().is_some() && trouble.is_cured_by_signing_in() {
        screen::lay(Card::trouble_beside(trouble));
    } else {
        screen::show(Card::trouble(trouble));
    }
}

/// Does what [`news::effect`] says about `status`.
fn learn(status: Status, source: Source) {
    let user = screen::user();
    let shown = Shown {
        user: user.as_ref(),
        card: screen::card().map_or(news::Card::None, |card| card.kind()),
    };
    match (news::effect(shown, &status, source), status) {
        (Effect::Reload, _) => page::reload(),
        (Effect::Offer(ending), _) => screen::lay(Card::ended(ending)),
        (Effect::SignIn(ending), _) => {
            workers::forget_key();
            screen::show(Card::sign_in(ending));
            framed::resume();
        }
        (Effect::Stay, Status::SignedIn(user, health)) => {
            take_key(source);
            framed::forget();
            screen::stay(user, health);
        }
        (Effect::Enter, Status::SignedIn(user, health)) => {
            take_key(source);
            framed::forget();
            spawn_local(enter(user, health));
        }
        (Effect::Nothing | Effect::Stay | Effect::Enter, _) => {}
    }
}

/// With its answer the worker hands over the key to keep.
fn take_key(source: Source) {
    if source == Source::News {
        spawn_local(async { drop(ask(Ask::Status).await) });
    }
}

/// Shows MLflow to `user`, unless something else is shown meanwhile.
async fn enter(user: User, health: Health) {
    let turn = screen::turn();
    let answer = ask(Ask::Site).await;
    if !screen::is_turn(turn) {
        return;
    }
    let Answer::Site(site) = answer else {
        return show(answer);
    };
    if let Some(refusal) = site.refusal {
        return screen::show(Card::no_access(&refusal));
    }
    let upstream = site.upstream(&page::address().query);
    let upstream = upstream.map(ToOwned::to_owned);
    let ui = site.ui.clone();
    screen::open(user, site, upstream);
    screen::tell(health);
    if let Some(ui) = ui {
        warn(&ui).await;
    }
}

/// Says so if the pages are not those of the server.
async fn warn(ui: &str) {
    let server = http::mlflow_version().await.unwrap_or_default();
    if let Some(words) = site::skew(ui, &server) {
        screen::warn(words);
    }
}
