//! MLflow in its frame, under a bar that says who is signed in.

use std::time::Duration;

use leptos::{ev, html, prelude::*};
use shell_core::{Route, oauth::token::User};
use shell_web::{frame, page};

use crate::cards::SignOutButton;

/// How often the frame's route and title are looked at.
///
/// MLflow's router uses `history.pushState`, of which no event tells in all
/// engines; reading two properties of a same-origin frame costs microseconds.
const GLANCE: Duration = Duration::from_millis(250);

/// The bar and the frame.
#[component]
pub(crate) fn Workbench(user: User) -> impl IntoView {
    let mlflow = NodeRef::<html::Iframe>::new();
    let route = Route::new(&page::address().hash);
    mirror(mlflow);

    view! {
        <Bar user/>
        <iframe
            node_ref=mlflow
            id="mlflow"
            title="MLflow"
            allow="clipboard-read; clipboard-write; fullscreen"
            src=format!("/mlflow/{}", route.as_str())
        ></iframe>
    }
}

#[component]
fn Bar(user: User) -> impl IntoView {
    view! {
        <header class="bar">
            <img src="/favicon.svg" alt=""/>
            <b>"MLflow"</b>
            <span class="who" id="user">{user.name}</span>
            <span class="groups">{user.groups.join(", ")}</span>
            <SignOutButton/>
        </header>
    }
}

/// Shows the frame's route in the address bar, and takes the frame to a route
/// entered there, for as long as the workbench is shown.
fn mirror(mlflow: NodeRef<html::Iframe>) {
    let glances = set_interval_with_handle(move || show_route(mlflow), GLANCE);
    let leaving = window_event_listener(ev::pagehide, move |_| show_route(mlflow));
    let entered = window_event_listener(ev::hashchange, move |_| {
        if let Some(mlflow) = mlflow.get_untracked() {
            frame::go(&mlflow, Route::new(&page::address().hash).as_str());
        }
    });
    on_cleanup(move || {
        // Without a window there is no interval either.
        let _ = glances.map(|glances| glances.clear());
        leaving.remove();
        entered.remove();
    });
}

fn show_route(mlflow: NodeRef<html::Iframe>) {
    let Some((hash, title)) = mlflow
        .get_untracked()
        .and_then(|mlflow| frame::shown(&mlflow))
    else {
        return;
    };
    page::show_title(&title);
    let route = Route::new(&hash);
    if !route.as_str().is_empty() && route.as_str() != page::address().hash {
        page::show_address(&format!("/{}", route.as_str()));
    }
}
