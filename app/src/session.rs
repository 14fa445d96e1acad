//! Talks to the worker, and keeps the page's one [`View`] true.

use leptos::{prelude::*, task::spawn_local};
use shell_core::{
    Route, Trouble,
    oauth::token::User,
    policy,
    protocol::{Answer, Ask, Message},
    session::Status,
    start::{self, Sight, Step},
};
use shell_web::page::{self, Mark};

use crate::cards::Card;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum View {
    /// Nothing yet; a warm start is over before anyone could read.
    Starting,
    /// A question to the worker is out: what is being done.
    Busy(&'static str),
    /// Words and buttons.
    Card(Card),
    /// MLflow.
    Workbench(User),
}

/// Where the hosted login returns to.
const CALLBACK: &str = "/callback";

const WORKER: &str = "/sw.js";

/// Set while the page is loaded once more to get under the worker's control.
const RELOADED: Mark = Mark("mlflow-auth-shell:reloaded");

/// How long the worker may take to answer, in milliseconds: it may have to
/// read the configuration, and for a sign-in to wait for the provider.
const PATIENCE: i32 = 40_000;

/// How often the worker is kept awake, in milliseconds. Firefox stops a worker
/// 30 s after its last event, even while an answer streams (rule W11).
const PING: i32 = 10_000;

/// Starts the page: gets a worker, asks it how the user stands, listens.
pub(crate) fn start(view: RwSignal<View>) {
    spawn_local(async move {
        match begin(view).await {
            Ok(()) => {}
            Err(trouble) => view.set(View::Card(Card::trouble(&trouble))),
        }
    });
}

/// Begins a sign-in that ends where the user is now.
pub(crate) fn sign_in(view: RwSignal<View>) {
    view.set(View::Busy("Opening the sign-in page…"));
    let route = Route::new(&page::address().hash);
    perform(view, Ask::SignIn(route));
}

/// Signs out everywhere.
pub(crate) fn sign_out(view: RwSignal<View>) {
    // The frame goes first: nothing may be in use while it is forgotten (U4).
    view.set(View::Busy("Signing out…"));
    perform(view, Ask::SignOut);
}

fn perform(view: RwSignal<View>, question: Ask) {
    spawn_local(async move { show(view, ask(question).await) });
}

async fn begin(view: RwSignal<View>) -> Result<(), Trouble> {
    start::able(page::is_secure(), page::has_workers())?;
    let address = page::address();
    let returned = address.path == CALLBACK;
    if returned {
        // The code leaves the address bar before anything else happens (T11).
        page::show_address("/");
        view.set(View::Busy("Signing you in…"));
    }
    get_controlled().await?;
    listen(view);

    let question = if returned {
        Ask::Return {
            query: address.query,
            fragment: address.hash,
        }
    } else {
        Ask::Status
    };
    show(view, ask(question).await);
    Ok(())
}

async fn get_controlled() -> Result<(), Trouble> {
    let registering = page::register(WORKER);
    if page::is_controlled() {
        // Whether an update is on its way is no reason to wait.
        spawn_local(async move { drop(registering.await) });
        RELOADED.clear();
        return Ok(());
    }
    let registration = registering
        .await
        .map_err(|error| start::refused(&error.name(), error.to_string()))?;
    let mut waited = false;
    loop {
        let sight = Sight {
            controlled: page::is_controlled(),
            installing: registration.is_installing(),
            waited,
            reloaded: RELOADED.is_set(),
        };
        match start::step(sight) {
            Step::Go => {
                RELOADED.clear();
                return Ok(());
            }
            Step::Wait(patience) => page::control(patience).await,
            Step::Reload if RELOADED.set() => return reload().await,
            Step::Reload => return Err(Trouble::Uncontrolled),
            Step::Stop(trouble) => return Err(trouble),
        }
        waited = true;
    }
}

/// Loads the page again, and does nothing more in this one.
async fn reload() -> Result<(), Trouble> {
    page::reload();
    std::future::pending().await
}

fn listen(view: RwSignal<View>) {
    page::on_news(move |text| {
        if let Ok(status) = Status::read(&text)
            && is_news(&view.get_untracked(), &status)
        {
            show_status(view, status);
        }
    });
    page::every(PING, || spawn_local(async { drop(ask(Ask::Ping).await) }));
}

/// Whether what the worker tells every page is for a page that shows `view`.
///
/// A page with a question out goes by its own answer. A card with something to
/// do stays until somebody is signed in: the news of a failed sign-in may come
/// after the answer that says why it failed.
fn is_news(view: &View, status: &Status) -> bool {
    match (view, status) {
        (View::Busy(_), _) => false,
        (View::Card(_), Status::SignedIn(_)) => true,
        (View::Card(card), _) => card.is_progress(),
        (View::Starting | View::Workbench(_), _) => true,
    }
}

async fn ask(question: Ask) -> Answer {
    let Some(text) = page::ask(&question.write(), PATIENCE).await else {
        return Answer::Trouble(Trouble::Silent);
    };
    Answer::read(&text).unwrap_or(Answer::Trouble(Trouble::Version))
}

fn show(view: RwSignal<View>, answer: Answer) {
    match answer {
        Answer::Status(status) => show_status(view, status),
        Answer::Go(url) => page::navigate(&url),
        Answer::Returned(route) => {
            page::show_address(&format!("/{}", route.as_str()));
            perform(view, Ask::Status);
        }
        Answer::SignedOut { url, revoked: true } => page::navigate(&url),
        Answer::SignedOut {
            url,
            revoked: false,
        } => view.set(View::Card(Card::signed_out(url))),
        Answer::Trouble(trouble) => view.set(View::Card(Card::trouble(&trouble))),
        Answer::Awake => {}
    }
}

fn show_status(view: RwSignal<View>, status: Status) {
    let shown = match status {
        Status::SignedOut(ending) => View::Card(Card::sign_in(ending)),
        Status::SigningIn => View::Card(Card::progress("Signing you in…")),
        Status::SignedIn(user) => match policy::admitting_group(&user.groups) {
            Some(_) => View::Workbench(user),
            None => View::Card(Card::denied(&policy::Denial { name: user.name })),
        },
    };
    // Setting an equal view would build the frame anew and lose the user's work.
    if view.get_untracked() != shown {
        view.set(shown);
    }
}
