//! Signing in from inside another site's page: what the window and the callback
//! do. Neither needs the worker: the sign-in belongs to the framed page's.

use std::rc::Rc;

use shell_core::{
    protocol::Message,
    relay::{self, CHANNEL, Errand, NOTE, Note, PATIENCE, Return, Word},
    words::card as words,
};
use shell_web::{
    Notify, clock, http, page,
    storage::Storage,
    time,
    windows::{self, Channel, Other},
};

use crate::{actions::Action, cards::Card, screen};

/// Plays the relay, in a window that a framed page opened. `hash` says where
/// that page is.
pub(crate) async fn run(hash: &str) {
    sweep();
    let page = relay::page(&page::origin(), hash);
    let Some(opener) = windows::opener() else {
        return screen::show(no_opener(page));
    };
    let told = Rc::new(Notify::new());
    let (heard, frame, address) = (told.clone(), opener.clone(), page.clone());
    windows::on_word(move |text, source| {
        if let (true, Ok(word)) = (source.is(&frame), Word::read(&text)) {
            heard.notify_one();
            hear(word, &frame, &address);
        }
    });
    opener.say(&Word::Ready.write());
    if time::timeout(PATIENCE.unsigned_abs(), told.notified())
        .await
        .is_none()
    {
        screen::show(no_opener(page));
    }
}

/// The return that the callback's address holds, if it belongs to an errand
/// that the relay in this browser was given.
pub(crate) fn errand_of(query: &str) -> Option<(Return, Note)> {
    sweep();
    let returned = Return::read(query).or_else(|| {
        let names = Storage::Local.keys(NOTE);
        let state = names.first()?.strip_prefix(NOTE)?;
        Return::of_error(query, state)
    })?;
    let note = note(&returned.state)?;
    Some((returned, note))
}

/// Plays the callback of an errand.
pub(crate) async fn deliver(returned: Return, note: Note) {
    let done = Rc::new(Notify::new());
    let channel = Channel::open(CHANNEL);
    if let Some(channel) = &channel {
        let (done, state) = (done.clone(), returned.state.clone());
        channel.on_word(move |text| {
            if Word::read(&text) == Ok(Word::Done(state.clone())) {
                done.notify_one();
                leave();
            }
        });
    }
    leave_note(&returned.state, &note.with(&returned.query));
    if let Some(channel) = channel {
        channel.say(&Word::Returned(returned.clone()).write());
    }
    if time::timeout(PATIENCE.unsigned_abs(), done.notified())
        .await
        .is_some()
    {
        return;
    }
    let deposited = http::post(&returned.deposit()).await;
    screen::show(match deposited {
        Ok(reply) if reply.as_answer().status == 204 => {
            Storage::Local.remove(&name(&returned.state));
            unheard()
        }
        _ => code(&returned),
    });
}

/// Opens the hosted login for the page at `page`.
pub(crate) fn go_on(url: &str, page: &str) {
    // The browser may refuse; the button stays.
    let _ = windows::open(url);
    let again = Action::Continue(url.to_owned(), page.to_owned());
    let card = Card::new(words::CONTINUED, words::CONTINUED_HELP, vec![again]);
    screen::show(with_ways_out(card, page.to_owned()));
}

fn hear(word: Word, frame: &Other, page: &str) {
    match word {
        Word::Soon => screen::show(Card::progress(words::OPENING)),
        Word::Start(errand) => begin(&errand, frame, page),
        Word::Done(state) => {
            Storage::Local.remove(&name(&state));
            leave();
        }
        Word::Ready | Word::Returned(_) => {}
    }
}

fn begin(errand: &Errand, frame: &Other, page: &str) {
    let known = note(&errand.state);
    if let Some(query) = known.as_ref().and_then(Note::query)
        && let Some(returned) = Return::read(query.expose())
    {
        return forward(returned, frame);
    }
    leave_note(&errand.state, &Note::begun(clock::now()));
    if let Some(channel) = Channel::open(CHANNEL) {
        let (frame, state) = (frame.clone(), errand.state.clone());
        channel.on_word(move |text| {
            if let Ok(Word::Returned(returned)) = Word::read(&text)
                && returned.state == state
            {
                forward(returned, &frame);
            }
        });
    }
    let go_on = Action::Continue(errand.url.clone(), page.to_owned());
    let own_tab = Action::OpenTab(page.to_owned());
    let actions = vec![go_on, own_tab];
    screen::show(Card::new(words::CONTINUE, words::CONTINUE_HELP, actions));
}

/// Passes the return on to the frame, and tells the callback so at once: a
/// frame in a hidden tab may take its time.
fn forward(returned: Return, frame: &Other) {
    let done = Word::Done(returned.state.clone());
    frame.say(&Word::Returned(returned).write());
    if let Some(channel) = Channel::open(CHANNEL) {
        channel.say(&done.write());
    }
    screen::show(unheard());
}

fn leave() {
    page::close();
    screen::show(Card::signed_in_beside());
}

fn note(state: &str) -> Option<Note> {
    Note::read(&Storage::Local.get(&name(state))?, clock::now())
}

fn leave_note(state: &str, note: &Note) {
    // Where site data is blocked the callback finds nothing, and says so.
    let _ = Storage::Local.set(&name(state), &note.write());
}

/// Removes the notes of errands that nobody finished.
fn sweep() {
    for name in Storage::Local.keys(NOTE) {
        let text = Storage::Local.get(&name).unwrap_or_default();
        if Note::read(&text, clock::now()).is_none() {
            Storage::Local.remove(&name);
        }
    }
}

fn name(state: &str) -> String {
    [NOTE, state].concat()
}

fn no_opener(page: String) -> Card {
    let card = Card::new(words::NO_OPENER, words::NO_OPENER_HELP, Vec::new());
    Card {
        code: "no-opener",
        ..with_ways_out(card, page)
    }
}

/// The page at `page` in a tab of its own: opened, or by its address where this
/// window may not open it.
fn with_ways_out(mut card: Card, page: String) -> Card {
    card.actions.push(Action::OpenTab(page.clone()));
    card.actions.push(Action::Copy(page.clone()));
    card.snippet = page;
    card
}

fn unheard() -> Card {
    Card::new(
        words::UNHEARD,
        words::UNHEARD_HELP,
        vec![Action::CloseWindow],
    )
}

fn code(returned: &Return) -> Card {
    let code = returned.query.expose().to_owned();
    Card {
        snippet: code.clone(),
        ..Card::new(words::UNHEARD, words::CODE_HELP, vec![Action::Copy(code)])
    }
}
