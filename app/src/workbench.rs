//! MLflow in its frame, under a bar that says who is signed in.

use std::time::Duration;

use leptos::{ev, prelude::*};
use shell_core::{
    Route,
    mirror::{Mirror, Move},
    oauth::User,
};
use shell_web::{frame, page};

use crate::{
    cards::{Action, button},
    session::{Notice, Shell},
};

/// How often the frame's route and title are looked at.
///
/// MLflow's router uses `history.pushState`, of which no event tells in all
/// engines; reading two properties of a same-origin frame costs microseconds.
const GLANCE: Duration = Duration::from_millis(250);

/// Where MLflow's document is.
const BASE: &str = "/mlflow/";

/// The bar and the frame.
#[component]
pub(crate) fn Workbench(user: User, shell: Shell) -> impl IntoView {
    let route = Route::new(&page::address().hash);
    keep_mirrored(route.clone());

    view! {
        <header class="bar">
            <img src="/favicon.svg" alt=""/>
            <b>"MLflow"</b>
            <span class="notice" role="status">
                {move || {
                    let Notice { words, code } = shell.notice.get();
                    view! { <span title=code>{words}</span> }
                }}
            </span>
            <span id="user">{user.name}</span>
            <span class="groups">{user.groups.join(", ")}</span>
            {button(Action::SignOut, shell)}
        </header>
        <iframe
            id=frame::ID
            title="MLflow"
            allow="clipboard-read; clipboard-write; fullscreen"
            src=[BASE, route.as_str()].concat()
        ></iframe>
    }
}

/// Keeps the routes of page and frame the same while the workbench is shown.
fn keep_mirrored(route: Route) {
    let mirror = StoredValue::new(Mirror::new(route));
    let glances = set_interval_with_handle(move || look(mirror), GLANCE);
    let leaving = window_event_listener(ev::pagehide, move |_| look(mirror));
    let entered = window_event_listener(ev::hashchange, move |_| look(mirror));
    on_cleanup(move || {
        // Without a window there is no interval either.
        let _ = glances.map(|glances| glances.clear());
        leaving.remove();
        entered.remove();
    });
}

fn look(mirror: StoredValue<Mirror>) {
    let Some((hash, title)) = frame::shown(BASE) else {
        return;
    };
    page::show_title(&title);
    let [page, frame] = [page::address().hash, hash].map(|hash| Route::new(&hash));
    match mirror
        .try_update_value(|mirror| mirror.look(page, frame))
        .flatten()
    {
        Some(Move::TakeFrame(route)) => frame::go(BASE, route.as_str()),
        Some(Move::ShowRoute(route)) => page::show_address(&format!("/{}", route.as_str())),
        None => {}
    }
}
