//! The root component: the shell, or one of the sign-in windows.

use leptos::prelude::*;
use shell_core::page::PageRole;

use super::{dialog::DialogLayer, shell::Shell, toasts::Toasts};
use crate::{context::PageContext, services};

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let environment = services::environment();
    let part = environment.role();
    PageContext::provide(services::perform).start(environment);
    match part {
        PageRole::Shell => view! { <Shell /> }.into_any(),
        PageRole::Callback => view! { <Callback /> }.into_any(),
        PageRole::Relay => view! { <PopupRelay /> }.into_any(),
    }
}

/// The page at which the hosted login of a popup returns.
#[component]
fn Callback() -> impl IntoView {
    view! { <Popup /> }
}

/// The window between a framed shell and the hosted login.
#[component]
fn PopupRelay() -> impl IntoView {
    view! { <Popup /> }
}

#[component]
fn Popup() -> impl IntoView {
    view! {
        <DialogLayer />
        <Toasts />
    }
}
