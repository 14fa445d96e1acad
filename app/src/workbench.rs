//! MLflow in its frame, under a bar that says who is signed in.

use std::time::Duration;

use leptos::{ev, prelude::*};
use shell_core::{Route, oauth::token::User};
use shell_web::{frame, page};

use crate::{
    cards::{Action, button},
    session::View,
};

/// How often the frame's route and title are looked at.
///
/// MLflow's router uses `history.pushState`, of which no event tells in all
/// engines; reading two properties of a same-origin frame costs microseconds.
const GLANCE: Duration = Duration::from_millis(250);

/// The bar and the frame.
#[component]
pub(crate) fn Workbench(user: User, view: RwSignal<View>) -> impl IntoView {
    let route = Route::new(&page::address().hash);
    mirror();

    view! {
        <header class="bar">
            <img src="/favicon.svg" alt=""/>
            <b>"MLflow"</b>
            <span id="user">{user.name}</span>
            <span class="groups">{user.groups.join(", ")}</span>
            {button(Action::SignOut, view)}
        </header>
        <iframe
            id=frame::ID
            title="MLflow"
            allow="clipboard-read; clipboard-write; fullscreen"
            src=format!("/mlflow/{}", route.as_str())
        ></iframe>
    }
}

/// Shows the frame's route in the address bar, and takes the frame to a route
/// entered there, for as long as the workbench is shown.
fn mirror() {
    let glances = set_interval_with_handle(show_route, GLANCE);
    let leaving = window_event_listener(ev::pagehide, |_| show_route());
    let entered = window_event_listener(ev::hashchange, |_| {
        frame::go(Route::new(&page::address().hash).as_str());
    });
    on_cleanup(move || {
        // Without a window there is no interval either.
        let _ = glances.map(|glances| glances.clear());
        leaving.remove();
        entered.remove();
    });
}

fn show_route() {
    let Some((hash, title)) = frame::shown() else {
        return;
    };
    page::show_title(&title);
    let route = Route::new(&hash);
    if !route.as_str().is_empty() && route.as_str() != page::address().hash {
        page::show_address(&format!("/{}", route.as_str()));
    }
}
