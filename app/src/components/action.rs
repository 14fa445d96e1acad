//! A button.

use leptos::prelude::*;
use shell_core::page::Button;

use crate::context::PageContext;

/// A button that sends its message.
#[component]
pub fn Action(
    /// The button.
    button: Button,
) -> impl IntoView {
    let context = expect_context::<PageContext>();
    let Button { id, label, sends } = button;
    view! {
        <button id=id on:click=move |_| context.dispatch(sends.clone())>
            {label}
        </button>
    }
}
