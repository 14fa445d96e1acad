//! The ways in and out, and what went wrong on them.

use leptos::prelude::*;
use shell_core::{
    Trouble,
    page::{Effect, Msg},
    session::Ending,
    words::{action, card as words},
};

use crate::components::action::Action;

pub(super) fn sign_in(ending: Option<Ending>, own_tab: Option<String>) -> AnyView {
    view! {
        <p>{ending.map_or(words::INVITATION, reason)}</p>
        <p class="actions">
            <Action id="sign-in" label=action::SIGN_IN sends=Msg::SignIn />
            {own_tab.map(open_tab)}
        </p>
    }
    .into_any()
}

pub(super) fn session_ended(ending: Ending) -> AnyView {
    beside(reason(ending).to_owned())
}

/// Over MLflow: the way to go on, and why it is needed.
pub(super) fn beside(text: String) -> AnyView {
    view! {
        <p>{text}</p>
        <p class="actions">
            <Action id="sign-in" label=action::SIGN_IN sends=Msg::SignInBeside />
            <Action id="sign-out" label=action::SIGN_OUT sends=Msg::SignOut />
        </p>
    }
    .into_any()
}

pub(super) fn problem(trouble: &Trouble, own_tab: Option<String>) -> AnyView {
    let again = if trouble.is_cured_by_signing_in() {
        view! {
            <Action id="sign-in" label=action::SIGN_IN_AGAIN sends=Msg::SignIn />
            {start_page(action::START_PAGE)}
        }
        .into_any()
    } else {
        view! { <Action id="open" label=action::TRY_AGAIN sends=Msg::Do(Effect::Reload) /> }
            .into_any()
    };
    view! {
        <p>{trouble.advice()}</p>
        <p class="actions">{again} {own_tab.map(open_tab)}</p>
    }
    .into_any()
}

pub(super) fn forget() -> AnyView {
    view! {
        <p>{words::FORGET_TEXT}</p>
        <p class="actions">
            <Action id="forget" label=action::FORGET sends=Msg::Forget />
            {start_page(action::CANCEL)}
        </p>
    }
    .into_any()
}

pub(super) fn no_access(refusal: String) -> AnyView {
    view! {
        <p>{refusal}</p>
        <p class="actions">
            <Action id="sign-out" label=action::SIGN_OUT sends=Msg::SignOut />
        </p>
    }
    .into_any()
}

pub(super) fn signed_out(url: String, revoked: bool, is_framed: bool) -> AnyView {
    let text = if revoked {
        words::NOT_FRAMED
    } else {
        words::NOT_REVOKED
    };
    let there = if is_framed {
        Effect::OpenTab(url)
    } else {
        Effect::Navigate(url)
    };
    view! {
        <p>{text}</p>
        <p class="actions">
            <Action id="open" label=action::SIGN_OUT_THERE sends=Msg::Do(there) />
            {start_page(action::START_PAGE)}
        </p>
    }
    .into_any()
}

fn reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => words::EXPIRED,
        Ending::Refused => words::REFUSED,
    }
}

pub(super) fn start_page(label: &'static str) -> impl IntoView {
    let sends = Msg::Do(Effect::Navigate("/".to_owned()));
    view! { <Action id="open" label sends /> }
}

pub(super) fn open_tab(address: String) -> impl IntoView {
    let sends = Msg::Do(Effect::OpenTab(address));
    view! { <Action id="open-tab" label=action::OWN_TAB sends /> }
}
