//! What is shown when MLflow is not.

use leptos::prelude::*;
use shell_core::{Trouble, policy::Denial, session::Ending};

use crate::session::{self, View};

#[component]
fn Card(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main class="card">
            <img src="/favicon.svg" alt=""/>
            <h1>{title}</h1>
            {children()}
        </main>
    }
}

/// A moment's patience.
#[component]
pub(crate) fn Progress(text: &'static str) -> impl IntoView {
    view! { <main class="card" role="status"><p>{text}</p></main> }
}

/// The way in.
#[component]
pub(crate) fn SignIn(ending: Option<Ending>) -> impl IntoView {
    let text = match ending {
        None => "Sign in to see your experiments, runs and models.",
        Some(Ending::Expired) => "Your session has ended. Sign in to go on where you were.",
        Some(Ending::Rejected) => {
            "The server no longer accepts your sign-in. Sign in again to go on where you were."
        }
    };
    view! {
        <Card title="MLflow">
            <p>{text}</p>
            <p class="actions"><SignInButton text="Sign in"/></p>
        </Card>
    }
}

/// Known, but not admitted.
#[component]
pub(crate) fn Denied(denial: Denial) -> impl IntoView {
    view! {
        <Card title="No access yet">
            <p>{denial.to_string()}</p>
            <p class="actions"><SignOutButton/></p>
        </Card>
    }
}

/// Signed out, with a rest to do.
#[component]
pub(crate) fn SignedOut(url: String) -> impl IntoView {
    view! {
        <Card title="Signed out on this device">
            <p>
                "The sign-in service did not confirm it, so it may still remember you. "
                "Sign out there too when it answers again."
            </p>
            <p class="actions">
                <a class="button" href=url>"Sign out there"</a>
                <a class="button quiet" href="/">"Start page"</a>
            </p>
        </Card>
    }
}

/// What went wrong, and what to do about it.
#[component]
pub(crate) fn TroubleCard(trouble: Trouble) -> impl IntoView {
    let cure = if trouble.is_cured_by_signing_in() {
        view! { <SignInButton text="Sign in again"/> }.into_any()
    } else {
        view! { <a class="button" href="/">"Try again"</a> }.into_any()
    };
    view! {
        <Card title=trouble.title()>
            <p>{trouble.advice()}</p>
            <p class="actions">{cure} <a class="button quiet" href="/">"Start page"</a></p>
            <p class="code">"Code: " <code>{trouble.code()}</code></p>
        </Card>
    }
}

#[component]
fn SignInButton(text: &'static str) -> impl IntoView {
    let view = expect_context::<RwSignal<View>>();
    view! { <button id="sign-in" autofocus on:click=move |_| session::sign_in(view)>{text}</button> }
}

/// Ends the session.
#[component]
pub(crate) fn SignOutButton() -> impl IntoView {
    let view = expect_context::<RwSignal<View>>();
    view! { <button id="sign-out" class="quiet" on:click=move |_| session::sign_out(view)>"Sign out"</button> }
}
