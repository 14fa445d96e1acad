//! How the user stands, and what the page shows of it.

use leptos::{prelude::*, task::spawn_local};
use shell_core::{
    Route, Trouble,
    oauth::User,
    policy,
    protocol::{Answer, Ask, Message},
    session::{Health, Status},
};
use shell_web::{page, workers};

use crate::{
    cards::Card,
    start,
    worker::{self, ask},
};

/// What the page shows, as signals: the same for every view.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shell {
    /// Who works in MLflow; nobody as long as MLflow is not shown.
    pub(crate) user: RwSignal<Option<User>>,
    /// What lies over MLflow, or is there instead of it.
    pub(crate) card: RwSignal<Option<Card>>,
    /// What is said in the bar above MLflow; empty if all is well.
    pub(crate) notice: RwSignal<Notice>,
}

impl Shell {
    /// Shows `card` and nothing else.
    pub(crate) fn show(self, card: Card) {
        self.user.set(None);
        self.card.set(Some(card));
    }
}

/// Words in the bar, and the code of what they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) words: &'static str,
    pub(crate) code: String,
}

/// Starts the page: gets a worker, asks it how the user stands, listens.
pub(crate) fn start(shell: Shell) {
    spawn_local(async move {
        if let Err(trouble) = begin(shell).await {
            shell.show(Card::trouble(&trouble));
        }
    });
}

/// Begins a sign-in that ends where the user is now.
pub(crate) fn sign_in(shell: Shell) {
    shell.show(Card::progress("Opening the sign-in page…"));
    perform(shell, sign_in_here(false));
}

/// Begins a sign-in in a window, so that MLflow stays as it is; in the page if
/// the browser opens none.
pub(crate) fn sign_in_beside(shell: Shell) {
    // At once, while the click allows it; where to is known later (rule E4).
    let Some(popup) = page::open_popup() else {
        return sign_in(shell);
    };
    spawn_local(async move {
        let answer = ask(sign_in_here(true)).await;
        if let Answer::Go(url) = answer {
            return popup.navigate(&url);
        }
        popup.close();
        if let Answer::Trouble(trouble) = answer {
            shell.card.set(Some(Card::trouble_beside(&trouble)));
        }
    });
}

/// Signs out everywhere.
pub(crate) fn sign_out(shell: Shell) {
    // The frame goes first: nothing may be in use while it is forgotten (U4).
    shell.show(Card::progress("Signing out…"));
    perform(shell, Ask::SignOut);
}

fn sign_in_here(window: bool) -> Ask {
    let route = Route::new(&page::address().hash);
    Ask::SignIn { route, window }
}

fn perform(shell: Shell, question: Ask) {
    spawn_local(async move { show(shell, ask(question).await) });
}

async fn begin(shell: Shell) -> Result<(), Trouble> {
    let address = start::arrive(shell).await?;
    listen(shell);
    let question = match address {
        Some(address) => Ask::Return {
            query: address.query,
            fragment: address.hash,
        },
        None => Ask::Status,
    };
    show(shell, ask(question).await);
    Ok(())
}

fn listen(shell: Shell) {
    workers::on_news(move |text| {
        if let Ok(status) = Status::read(&text)
            && is_news(shell, &status)
        {
            // With its answer the worker hands over the key to keep.
            if matches!(status, Status::SignedIn(..)) {
                spawn_local(async { drop(ask(Ask::Status).await) });
            }
            show_status(shell, status);
        }
    });
    workers::on_change(move || spawn_local(meet(shell)));
    worker::attend();
}

/// Another worker has taken over. It learns the key from the question; if it is
/// of another build that speaks otherwise, the page has to be loaded again.
async fn meet(shell: Shell) {
    let answer = ask(Ask::Status).await;
    if matches!(answer, Answer::Trouble(Trouble::Version)) && start::reload_once() {
        return;
    }
    let stuck = shell.card.get_untracked();
    let waits = stuck.is_some_and(|card| card.is_about(&Trouble::Version));
    if waits || shell.user.get_untracked().is_some() {
        show(shell, answer);
    }
}

/// Whether what the worker tells every page is for this one.
///
/// A page with a question out goes by its own answer. A card with something to
/// do stays until somebody is signed in: the news of a failed sign-in may come
/// after the answer that says why it failed.
fn is_news(shell: Shell, status: &Status) -> bool {
    match shell.card.get_untracked() {
        Some(card) if card.is_progress() => false,
        Some(_) if shell.user.get_untracked().is_none() => matches!(status, Status::SignedIn(..)),
        _ => true,
    }
}

fn show(shell: Shell, answer: Answer) {
    let card = match answer {
        Answer::Status(status) => return show_status(shell, status),
        Answer::Go(url) | Answer::SignedOut { url, revoked: true } => return page::navigate(&url),
        Answer::Returned { window: true, .. } => {
            page::close();
            Card::signed_in_beside()
        }
        Answer::Returned { route, .. } => {
            page::show_address(&format!("/{}", route.as_str()));
            return perform(shell, Ask::Status);
        }
        Answer::SignedOut { url, .. } => Card::signed_out(url),
        Answer::Trouble(trouble) => Card::trouble(&trouble),
        Answer::Awake(_) => return,
    };
    shell.show(card);
}

fn show_status(shell: Shell, status: Status) {
    let before = shell.user.get_untracked();
    match status {
        // MLflow stays as it is, whatever the user has typed there.
        Status::SignedOut(Some(ending)) if before.is_some() => {
            shell.notice.set(Notice::default());
            shell.card.set(Some(Card::ended(ending)));
        }
        Status::SignedOut(ending) => {
            workers::forget_key();
            shell.show(Card::sign_in(ending));
        }
        // What is on the screen is for the eyes of someone else.
        Status::SignedIn(user, _) if before.as_ref().is_some_and(|one| one.name != user.name) => {
            page::reload();
        }
        Status::SignedIn(user, health) => match policy::admitting_group(&user.groups) {
            Some(_) => {
                shell.notice.set(notice(health));
                shell.card.set(None);
                // Setting an equal value would build the bar anew.
                if before.as_ref() != Some(&user) {
                    shell.user.set(Some(user));
                }
            }
            None => shell.show(Card::denied(&policy::Denial { name: user.name })),
        },
    }
}

fn notice(health: Health) -> Notice {
    let (words, code) = match health {
        Health::Well => ("", String::new()),
        Health::Retrying(code) => ("Renewing your session: trying again…", code),
        Health::Rejected => (
            "The server does not accept your sign-in",
            "rejected".to_owned(),
        ),
    };
    Notice { words, code }
}
