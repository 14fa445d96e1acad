//! The page's way to its worker.

use shell_core::{
    Trouble,
    config::CALLBACK,
    protocol::{Ask, Message},
    relay::PATH as RELAY,
    site,
    start::{self, Sight, Step},
    words::card as words,
};
use shell_web::{
    page::{self, Address},
    spawn_local,
    storage::Storage,
    store::Store,
    workers,
};

use crate::{cards::Card, relay, screen};

/// The query that offers to make this browser forget everything of this site.
pub(crate) const RESET: &str = "?reset";

const WORKER: &str = "/sw.js";

/// How long a worker that may be broken is waited for, in milliseconds.
const PATIENCE: i32 = 5_000;

/// Query and route of the page that a sign-in leaves, and returns to.
const LEFT: &str = "mlflow-auth-shell:left";

/// Set while the page is loaded once more, to get under the worker's control or
/// to be of the worker's build.
const RELOADED: &str = "mlflow-auth-shell:reloaded";

/// Gets the page under the worker's control. Returns the address if the hosted
/// login returned to it.
pub(crate) async fn arrive() -> Result<Option<Address>, Trouble> {
    let address = page::address();
    let returned = address.path == CALLBACK;
    if returned {
        // The code leaves the address bar before anything else happens (T11).
        page::show_address(&remembered_address());
        screen::show(Card::progress(words::SIGNING_IN));
    }
    help_a_frame(&address, returned).await;
    start::able(page::is_secure(), workers::exist())?;
    if address.query == RESET {
        // A link of another site may have led here: nothing is forgotten unasked.
        screen::show(Card::forget());
        return std::future::pending().await;
    }
    get_controlled().await?;
    Ok(returned.then_some(address))
}

/// Notes where the user is, for when the hosted login returns.
pub(crate) fn remember_address() {
    let address = page::address();
    Storage::Session.set(LEFT, &[address.query, address.hash].concat());
}

fn remembered_address() -> String {
    let left = Storage::Session.get(LEFT).unwrap_or_default();
    Storage::Session.remove(LEFT);
    site::left(&left)
}

/// Does nothing but help, if this is a window of another page's sign-in.
async fn help_a_frame(address: &Address, returned: bool) {
    if address.path == RELAY {
        relay::run(&address.hash).await;
    } else if returned && let Some((returned, note)) = relay::errand_of(&address.query) {
        relay::deliver(returned, note).await;
    } else {
        return;
    }
    if workers::exist() {
        // A worker that looks for its key need not wait for this page.
        workers::on_news(|_| {});
    }
    std::future::pending::<()>().await;
}

/// Loads the page again, unless it just was; false if it was.
pub(crate) fn reload_once() -> bool {
    let first = !is_reloaded() && Storage::Session.set(RELOADED, "yes");
    if first {
        page::reload();
    }
    first
}

fn is_reloaded() -> bool {
    Storage::Session.get(RELOADED).is_some()
}

async fn get_controlled() -> Result<(), Trouble> {
    let registering = workers::register(WORKER);
    if workers::is_controlled() {
        // Whether an update is on its way is no reason to wait.
        spawn_local(async move { drop(registering.await) });
        Storage::Session.remove(RELOADED);
        return Ok(());
    }
    let registration = registering
        .await
        .map_err(|error| start::refused(&error.name(), error.words()))?;
    let mut waited = false;
    loop {
        let sight = Sight {
            controlled: workers::is_controlled(),
            installing: registration.is_installing(),
            waited,
            reloaded: is_reloaded(),
        };
        match start::step(sight) {
            Step::Go => {
                Storage::Session.remove(RELOADED);
                return Ok(());
            }
            Step::Wait(patience) => workers::control(patience).await,
            Step::Reload if reload_once() => return std::future::pending().await,
            Step::Reload => return Err(Trouble::Uncontrolled),
            Step::Stop(trouble) => return Err(trouble),
        }
        waited = true;
    }
}

/// Forgets everything of this site, and opens it as for the first time.
pub(crate) fn forget_everything() {
    screen::show(Card::progress(words::FORGETTING));
    spawn_local(reset());
}

async fn reset() {
    // Each as far as it goes: this is for a browser in which something is broken.
    // A worker that still works forgets what it has in memory.
    workers::ask(&Ask::SignOut.write(), PATIENCE).await;
    if let Ok(store) = Store::open().await {
        let _ = store.clear().await;
    }
    let _ = workers::unregister_all().await;
    Storage::Session.clear();
    page::navigate("/");
}
