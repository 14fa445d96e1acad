//! Signing in from inside another site's page: what the framed page does. Its
//! counterpart in the window is [`relay`](crate::relay); what may be believed
//! is decided by [`shell_core::relay`].

use std::cell::RefCell;

use shell_core::{
    Secret,
    protocol::{Answer, Message},
    relay::{Collected, Errand, PATH, Reply, Word},
    words::card as words,
};
use shell_web::{
    clock, dom, http, page, spawn_local,
    storage::Storage,
    time,
    windows::{self, Other},
};

use crate::{actions::Action, cards::Card, screen, session, worker::ask};

/// Where the hosted login of the errand is noted, for a page that is loaded
/// again meanwhile.
const ERRAND: &str = "mlflow-auth-shell:sign-in";

/// How often the gateway is asked for what the callback may have left there,
/// in milliseconds.
const LOOK: u32 = 3_000;

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// What the page is on.
#[derive(Default)]
struct Desk {
    /// Counts the attempts: what belongs to an earlier one is dropped.
    attempt: u32,
    errand: Option<Errand>,
    /// A relay that asked before the errand was known.
    waiting: Option<Other>,
}

/// Begins a sign-in in a window.
pub(crate) fn begin() {
    forget();
    let Some(window) = open() else {
        return;
    };
    let attempt = attempt();
    spawn_local(async move {
        let answer = ask(session::sign_in_here(false)).await;
        if attempt != self::attempt() {
            return window.close();
        }
        if let Answer::Go(url) = answer {
            return take_up(Errand::to(&url, clock::now()));
        }
        window.close();
        if let Answer::Trouble(trouble) = answer {
            screen::lay(Card::trouble_beside(&trouble));
        }
    });
}

/// Goes on with a sign-in that was begun before this page was loaded again.
pub(crate) fn resume() {
    let kept = Storage::Session.get(ERRAND);
    let kept = kept.and_then(|text| Errand::read(&text, clock::now()));
    if kept.is_some() {
        screen::lay(waiting());
        take_up(kept);
    }
}

/// Opens the relay once more.
pub(crate) fn finish() {
    open();
}

/// Gives the errand up.
pub(crate) fn cancel() {
    forget();
    session::look_again();
}

/// Forgets the errand: it is done, or given up.
pub(crate) fn forget() {
    Storage::Session.remove(ERRAND);
    DESK.with_borrow_mut(|desk| {
        *desk = Desk {
            attempt: desk.attempt + 1,
            ..Desk::default()
        }
    });
}

/// Completes the sign-in with the code that was pasted.
pub(crate) fn use_code() {
    let typed = dom::find(Card::FIELD).value();
    match errand().and_then(|errand| errand.pasted(&typed)) {
        Some(query) => complete(&query),
        None => screen::mention(words::OTHER_CODE),
    }
}

/// Listens to the window.
pub(crate) fn listen() {
    windows::on_word(move |text, source| {
        if let Ok(word) = Word::read(&text) {
            hear(word, source);
        }
    });
}

fn hear(word: Word, source: Other) {
    let ours = source.is_ours();
    let Some(errand) = errand() else {
        if ours {
            hear_unasked(&word, source);
        }
        return;
    };
    match errand.hear(word, ours) {
        Some(Reply::Say(word)) => source.say(&word.write()),
        Some(Reply::Complete(done, query)) => {
            source.say(&done.write());
            complete(&query);
        }
        None => {}
    }
}

/// Without an errand: it is not known yet, or another frame has signed in
/// meanwhile, and this one's window is in the way.
fn hear_unasked(word: &Word, source: Other) {
    match word {
        Word::Ready => {
            source.say(&Word::Soon.write());
            DESK.with_borrow_mut(|desk| desk.waiting = Some(source));
        }
        Word::Returned(returned) if screen::user().is_some() => {
            source.say(&Word::Done(returned.state.clone()).write());
        }
        Word::Returned(_) | Word::Soon | Word::Start(_) | Word::Done(_) => {}
    }
}

fn open() -> Option<Other> {
    let address = page::own_address();
    let here = address.strip_prefix(&page::origin()).unwrap_or_default();
    let window = windows::open(&[PATH, "#", here].concat());
    screen::lay(match window {
        Some(_) => waiting(),
        None => blocked(),
    });
    window
}

fn take_up(errand: Option<Errand>) {
    let Some(errand) = errand else {
        return;
    };
    Storage::Session.set(ERRAND, &errand.write());
    let waiting = DESK.with_borrow_mut(|desk| {
        desk.errand = Some(errand.clone());
        desk.waiting.take()
    });
    if let Some(window) = waiting {
        hear(Word::Ready, window);
    }
    spawn_local(collect(errand));
}

fn attempt() -> u32 {
    DESK.with_borrow(|desk| desk.attempt)
}

/// Asks the gateway until the errand is done or over, or until it is clear that
/// there is none that keeps returns.
async fn collect(errand: Errand) {
    let question = errand.collection();
    while self::errand().as_ref() == Some(&errand) {
        if errand.is_over(clock::now()) {
            return cancel();
        }
        time::sleep(LOOK).await;
        let Ok(reply) = http::post(&question).await else {
            continue;
        };
        match errand.collected(reply.as_answer()) {
            Collected::Nothing => {}
            Collected::Return(query) => return complete(&query),
            Collected::Never => return,
        }
    }
}

fn complete(query: &Secret) {
    // The same return may come by two ways.
    if errand().is_some() {
        forget();
        session::complete(query.expose());
    }
}

fn errand() -> Option<Errand> {
    DESK.with_borrow(|desk| desk.errand.clone())
}

fn waiting() -> Card {
    let actions = vec![
        Action::Finish,
        Action::UseCode,
        Action::OpenTab(page::own_address()),
        Action::Cancel,
    ];
    Card {
        field: true,
        ..Card::new(words::IN_WINDOW, words::IN_WINDOW_HELP, actions)
    }
}

fn blocked() -> Card {
    let address = page::own_address();
    let copy = Action::Copy(address.clone());
    let again = Action::SignInBeside(shell_core::words::action::TRY_AGAIN);
    Card {
        snippet: address,
        code: "popup-blocked",
        ..Card::new(
            words::BLOCKED,
            words::BLOCKED_HELP,
            vec![again, Action::OpenTab(page::own_address()), copy],
        )
    }
}
