//! A sign-in from inside another site's page: in that page, and in its popups.

use leptos::{html::Input, prelude::*};
use shell_core::{
    page::{Effect, Msg},
    words::{action, bar, card as words},
};

use super::{
    panels::{Snippet, copy},
    sign_in::{open_tab, start_page},
};
use crate::{components::action::Action, context::PageContext};

/// In the page: a popup is open, or can be opened again.
pub(super) fn waiting(own_tab: String) -> AnyView {
    let context = expect_context::<PageContext>();
    let code = NodeRef::<Input>::new();
    let use_code = move || {
        let typed = code.get_untracked().map(|field| field.value());
        context.dispatch(Msg::UseCode(typed.unwrap_or_default()));
    };
    view! {
        <p>{words::IN_WINDOW_HELP}</p>
        <input
            id="code"
            aria-label=bar::CODE
            placeholder=bar::CODE
            node_ref=code
            on:change=move |_| use_code()
        />
        <p class="actions">
            <Action id="finish" label=action::FINISH sends=Msg::Finish />
            <button id="use-code" on:click=move |_| use_code()>{action::USE_CODE}</button>
            {open_tab(own_tab)}
            <Action id="cancel" label=action::CANCEL sends=Msg::Cancel />
        </p>
    }
    .into_any()
}

/// In the page: the browser opened no popup.
pub(super) fn blocked(own_tab: String) -> AnyView {
    view! {
        <p>{words::BLOCKED_HELP}</p>
        <Snippet text=own_tab.clone() />
        <p class="actions">
            <Action id="sign-in" label=action::TRY_AGAIN sends=Msg::SignInBeside />
            {open_tab(own_tab.clone())}
            {copy(own_tab)}
        </p>
    }
    .into_any()
}

/// In the relay: before the hosted login.
pub(super) fn go_on(url: String, page: String) -> AnyView {
    view! {
        <p>{words::CONTINUE_HELP}</p>
        <p class="actions">
            <Action id="continue" label=action::CONTINUE sends=Msg::Continue(url) />
            {open_tab(page)}
        </p>
    }
    .into_any()
}

/// In the relay: beside the hosted login.
pub(super) fn continued(url: String, page: String) -> AnyView {
    view! {
        <p>{words::CONTINUED_HELP}</p>
        <Snippet text=page.clone() />
        <p class="actions">
            <Action id="continue" label=action::CONTINUE sends=Msg::Continue(url) />
            {ways_out(page)}
        </p>
    }
    .into_any()
}

/// In the relay: the page that opened it cannot be reached.
pub(super) fn no_opener(page: String) -> AnyView {
    view! {
        <p>{words::NO_OPENER_HELP}</p>
        <Snippet text=page.clone() />
        <p class="actions">{ways_out(page)}</p>
    }
    .into_any()
}

/// In a popup: the return was passed on, and is not confirmed.
pub(super) fn unconfirmed() -> AnyView {
    view! {
        <p>{words::UNHEARD_HELP}</p>
        <p class="actions">
            <Action id="close" label=action::CLOSE sends=Msg::Do(Effect::CloseWindow) />
        </p>
    }
    .into_any()
}

/// In the callback: the return, to be pasted into the page.
pub(super) fn code(code: &str) -> AnyView {
    view! {
        <p>{words::CODE_HELP}</p>
        <Snippet text=code.to_owned() />
        <p class="actions">{copy(code.to_owned())}</p>
    }
    .into_any()
}

/// In a window that the browser does not let close itself.
pub(super) fn signed_in_elsewhere() -> AnyView {
    view! {
        <p>{words::CLOSE_WINDOW}</p>
        <p class="actions">{start_page(action::START_PAGE)}</p>
    }
    .into_any()
}

/// The page in a tab of its own: opened, or by its address where this window may
/// not open it.
fn ways_out(page: String) -> impl IntoView {
    view! {
        {open_tab(page.clone())}
        {copy(page)}
    }
}
