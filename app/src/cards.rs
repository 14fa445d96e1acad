//! What is shown when MLflow is not.

use leptos::prelude::*;
use shell_core::{Trouble, policy::Denial, session::Ending};
use shell_web::page;

use crate::session::{self, Shell};

/// A few words, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    title: &'static str,
    text: String,
    code: &'static str,
    actions: Vec<Action>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Begins a sign-in.
    SignIn(&'static str),
    /// Begins a sign-in beside MLflow, which stays as it is.
    SignInBeside(&'static str),
    /// Ends the session.
    SignOut,
    /// Leaves for an address.
    Open(&'static str, String),
}

impl Card {
    /// A moment's patience.
    pub(crate) fn progress(text: &'static str) -> Self {
        Self {
            title: text,
            text: String::new(),
            code: "",
            actions: Vec::new(),
        }
    }

    /// Whether there is nothing to do but wait.
    pub(crate) fn is_progress(&self) -> bool {
        self.actions.is_empty()
    }

    /// Whether this is what is said of `trouble`.
    pub(crate) fn is_about(&self, trouble: &Trouble) -> bool {
        self.code == trouble.code()
    }

    /// The way in.
    pub(crate) fn sign_in(ending: Option<Ending>) -> Self {
        let text = match ending {
            None => "Sign in to see your experiments, runs and models.",
            Some(ending) => reason(ending),
        };
        Self {
            title: "MLflow",
            text: text.into(),
            code: "",
            actions: vec![Action::SignIn("Sign in")],
        }
    }

    /// Over MLflow: the way to go on.
    pub(crate) fn ended(ending: Ending) -> Self {
        Self {
            title: "Your session ended",
            text: reason(ending).into(),
            code: "",
            actions: vec![Action::SignInBeside("Sign in"), Action::SignOut],
        }
    }

    /// Over MLflow: why there is no way to go on yet.
    pub(crate) fn trouble_beside(trouble: &Trouble) -> Self {
        Self {
            actions: vec![Action::SignInBeside("Sign in"), Action::SignOut],
            ..Self::trouble(trouble)
        }
    }

    /// In the window of a sign-in that the browser does not let close itself.
    pub(crate) fn signed_in_beside() -> Self {
        Self {
            title: "You are signed in",
            text: "Close this window to go on.".into(),
            code: "",
            actions: vec![start_page()],
        }
    }

    /// Known, but not admitted.
    pub(crate) fn denied(denial: &Denial) -> Self {
        Self {
            title: "No access yet",
            text: denial.to_string(),
            code: "no-group",
            actions: vec![Action::SignOut],
        }
    }

    /// Signed out, with a rest to do at the provider's `url`.
    pub(crate) fn signed_out(url: String) -> Self {
        Self {
            title: "Signed out on this device",
            text: "The sign-in service did not confirm it, so it may still remember you. Sign out \
                   there too when it answers again."
                .into(),
            code: "not-revoked",
            actions: vec![Action::Open("Sign out there", url), start_page()],
        }
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn trouble(trouble: &Trouble) -> Self {
        let cure = if trouble.is_cured_by_signing_in() {
            vec![Action::SignIn("Sign in again"), start_page()]
        } else {
            vec![Action::Open("Try again", "/".into())]
        };
        Self {
            title: trouble.title(),
            text: trouble.advice(),
            code: trouble.code(),
            actions: cure,
        }
    }
}

fn reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => "Its time is over. Sign in to go on where you were.",
        Ending::Refused => {
            "The sign-in service no longer renews it. Sign in to go on where you were."
        }
    }
}

fn start_page() -> Action {
    Action::Open("Start page", "/".into())
}

impl Action {
    fn id(&self) -> &'static str {
        match self {
            Self::SignIn(_) | Self::SignInBeside(_) => "sign-in",
            Self::SignOut => "sign-out",
            Self::Open(..) => "open",
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::SignIn(label) | Self::SignInBeside(label) | Self::Open(label, _) => label,
            Self::SignOut => "Sign out",
        }
    }

    fn perform(&self, shell: Shell) {
        match self {
            Self::SignIn(_) => session::sign_in(shell),
            Self::SignInBeside(_) => session::sign_in_beside(shell),
            Self::SignOut => session::sign_out(shell),
            Self::Open(_, url) => page::navigate(url),
        }
    }
}

/// A card in the middle of the page, over whatever is there.
#[component]
pub(crate) fn CardView(card: Card, shell: Shell) -> impl IntoView {
    let actions: Vec<_> = card
        .actions
        .into_iter()
        .map(|action| button(action, shell))
        .collect();
    view! {
        <div class="cover">
            <main class="card">
                <img src="/favicon.svg" alt=""/>
                <h1 role="status">{card.title}</h1>
                <p>{card.text}</p>
                <p class="actions">{actions}</p>
                <code>{card.code}</code>
            </main>
        </div>
    }
}

/// The button of `action`.
pub(crate) fn button(action: Action, shell: Shell) -> impl IntoView {
    view! {
        <button id=action.id() on:click=move |_| action.perform(shell)>{action.label()}</button>
    }
}
