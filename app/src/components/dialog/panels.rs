//! What a person opens from the menu.

use leptos::prelude::*;
use shell_core::{
    page::{Effect, Msg},
    words::{action, card as words},
};

use crate::components::action::Action;

/// Something to copy.
#[component]
pub fn Snippet(
    /// What to copy.
    text: String,
) -> impl IntoView {
    view! { <pre tabindex="0">{text}</pre> }
}

pub(super) fn help(address: &str) -> AnyView {
    view! {
        <p>{format!("{}{address}", words::HELP_TEXT)}</p>
        <p class="actions">
            <Action id="close" label=action::CLOSE sends=Msg::Close />
        </p>
    }
    .into_any()
}

/// Without a token there is nothing worth copying.
pub(super) fn python(variables: &str, is_complete: bool, can_issue: bool) -> AnyView {
    let text = if can_issue {
        words::PYTHON_TOKEN
    } else {
        words::PYTHON_SIGV4
    };
    let new_token = Msg::Do(Effect::IssueToken);
    view! {
        <p>{text}</p>
        <Snippet text=format!("{variables}{}", words::DEEP_LINKS) />
        <p class="actions">
            {is_complete.then(|| copy(variables.to_owned()))}
            {can_issue.then(|| view! {
                <Action id="new-token" label=action::NEW_TOKEN sends=new_token />
            })}
            <Action id="close" label=action::CLOSE sends=Msg::Close />
        </p>
    }
    .into_any()
}

pub(super) fn copy(text: String) -> impl IntoView {
    let sends = Msg::Do(Effect::Copy(text));
    view! { <Action id="copy" label=action::COPY sends /> }
}
