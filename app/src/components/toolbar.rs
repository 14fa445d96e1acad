//! The toolbar above MLflow: who is signed in, the health of the session, what can be
//! done besides.

pub mod menu;

use leptos::{ev, prelude::*};
use shell_core::{
    config::Bar,
    messages::{action, bar as text, card},
    oauth::User,
    page::{Button, Msg},
    session::Health,
};

use self::menu::Menu;
use super::action::Action;
use crate::context::PageContext;

/// The bar as the site is configured, and as the user left it.
#[component]
pub fn Toolbar() -> impl IntoView {
    let context = expect_context::<PageContext>();
    // How the session does is no reason to draw it again: its menu may be open.
    let shown = Memo::new(move |_| {
        let session = context.session.get();
        let bar = context.site.with(|site| site.bar);
        (session.map(|session| session.user), bar)
    });
    let drawn = move || match shown.get() {
        (Some(user), Bar::Open) => view! { <OpenBar user /> }.into_any(),
        (Some(_), Bar::Collapsed) => view! { <Strip /> }.into_any(),
        (_, Bar::Off) | (None, _) => ().into_any(),
    };
    view! {
        <div class="toolbar" inert=move || context.dialog.with(Option::is_some)>
            {drawn}
        </div>
    }
}

#[component]
fn OpenBar(user: User) -> impl IntoView {
    let context = expect_context::<PageContext>();
    let rights = context
        .site
        .with_untracked(|site| site.offer.rights.clone());
    let groups = format!("{rights} ({})", user.groups.join(", "));
    let code = move || notice(context).code;
    let workspace = move || {
        let route = context.route.get();
        route.and_then(|route| route.workspace())
    };
    let sign_out = Button {
        id: "sign-out",
        label: action::SIGN_OUT,
        sends: Msg::SignOut,
    };
    view! {
        <header class="bar">
            <img src="/favicon.svg" alt="" />
            <Product />
            <span id="workspace" title=text::WORKSPACE>{workspace}</span>
            <span class="notice" role="status" title=code>
                {move || notice(context).text}
            </span>
            <span id="user" title=user.name.clone()>{user.name.clone()}</span>
            <span class="groups" title=groups.clone()>{groups.clone()}</span>
            <Menu />
            <Action button=sign_out />
        </header>
    }
}

/// What is left of a collapsed bar: it brings the bar back.
#[component]
fn Strip() -> impl IntoView {
    let context = expect_context::<PageContext>();
    view! {
        <button
            id="show-bar"
            aria-label=text::SHOW
            title=text::SHOW
            on:click=move |_| context.dispatch(Msg::Bar(Bar::Open))
        >
            "▾"
        </button>
    }
}

/// The product's name, or the servers to choose from.
#[component]
fn Product() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let names = context
        .site
        .with_untracked(|site| site.offer.upstreams.clone());
    if names.len() < 2 {
        return view! { <b>{card::TITLE}</b> }.into_any();
    }
    let is_shown = move |name: &str| {
        context
            .site
            .with(|site| site.upstream.as_deref() == Some(name))
    };
    let option = move |name: String| {
        let selected = name.clone();
        view! { <option selected=move || is_shown(&selected)>{name}</option> }
    };
    let switch = move |event: ev::Event| {
        context.dispatch(Msg::SwitchServer(event_target_value(&event)));
    };
    view! {
        <select id="upstream" aria-label=text::SERVER on:change=switch>
            {names.into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}

/// What is to be said of the session as long as it is so.
pub(crate) struct Notice {
    pub(crate) text: String,
    /// For support.
    pub(crate) code: String,
}

/// How the session does, if there is something to say; else what is to be known
/// of the site.
pub(crate) fn notice(context: PageContext) -> Notice {
    let health = context
        .session
        .with(|session| Some(session.as_ref()?.health.clone()));
    let (text, code) = match health {
        None => (String::new(), String::new()),
        Some(Health::Well) => {
            let warning = context.site.with(|site| site.warning.clone());
            (warning.clone(), warning)
        }
        Some(Health::Retrying(code)) => (text::RETRYING.to_owned(), code),
        Some(Health::Rejected) => (text::REJECTED.to_owned(), "rejected".to_owned()),
    };
    Notice { text, code }
}
