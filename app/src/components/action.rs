//! A button.

use leptos::prelude::*;
use shell_core::page::Msg;

use crate::context::PageContext;

/// A button that sends a message.
#[component]
pub fn Action(
    /// Its id.
    id: &'static str,
    /// What is on it.
    label: &'static str,
    /// What it sends.
    sends: Msg,
) -> impl IntoView {
    let context = expect_context::<PageContext>();
    view! {
        <button id=id on:click=move |_| context.dispatch(sends.clone())>
            {label}
        </button>
    }
}
