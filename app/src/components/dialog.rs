//! What lies over MLflow, or is there instead of it.

pub mod panels;
mod popup;
mod sign_in;

use leptos::{ev, html::H1, prelude::*};
use shell_core::page::{Dialog, Msg};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::context::PageContext;

/// The heading's id, by which the dialog is named.
const TITLE: &str = "card-title";

/// The dialog that there is. It takes the keyboard and gives it back, and Escape
/// closes it if nothing is missed by that.
#[component]
pub fn DialogLayer() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            context.dispatch(Msg::Close);
        }
    });
    on_cleanup(move || escape.remove());
    keep_focus(context);
    let is_over = Memo::new(move |_| context.session.with(Option::is_some));
    let drawn = move |dialog: Dialog| {
        if is_over.get_untracked() {
            view! { <Over dialog /> }.into_any()
        } else {
            shell_web::page::show_title(&dialog.tab_title());
            view! { <Alone dialog /> }.into_any()
        }
    };
    move || context.dialog.get().map(drawn)
}

/// Remembers what has the keyboard when a dialog appears over nothing, and gives
/// it back when there is none left.
fn keep_focus(context: PageContext) {
    let before = StoredValue::new_local(None::<HtmlElement>);
    Effect::new(move |was_shown: Option<bool>| {
        let is_shown = context.dialog.with(Option::is_some);
        if is_shown && was_shown != Some(true) {
            let focused = document().active_element();
            before.set_value(focused.and_then(|focused| focused.dyn_into().ok()));
        } else if !is_shown && was_shown == Some(true) {
            before.with_value(|before| before.as_ref().map(HtmlElement::focus));
        }
        is_shown
    });
}

/// Over MLflow, which cannot be used meanwhile.
#[component]
fn Over(dialog: Dialog) -> impl IntoView {
    view! {
        <div class="cover">
            <div class="card" role="dialog" aria-modal="true" aria-labelledby=TITLE>
                <Contents dialog />
            </div>
        </div>
    }
}

/// Instead of MLflow.
#[component]
fn Alone(dialog: Dialog) -> impl IntoView {
    view! {
        <div class="alone">
            <main class="card">
                <Contents dialog />
            </main>
        </div>
    }
}

#[component]
fn Contents(dialog: Dialog) -> impl IntoView {
    let title = NodeRef::<H1>::new();
    title.on_load(|title| drop(title.focus()));
    let code = dialog.code();
    view! {
        <img src="/favicon.svg" alt="" />
        <h1 id=TITLE tabindex="-1" node_ref=title>{dialog.title()}</h1>
        {body(dialog)}
        {(!code.is_empty()).then(|| view! { <code>{code}</code> })}
    }
}

fn body(dialog: Dialog) -> AnyView {
    match dialog {
        Dialog::Progress(_) => ().into_any(),
        Dialog::SignIn { ending, own_tab } => sign_in::sign_in(ending, own_tab),
        Dialog::SessionEnded(ending) => sign_in::session_ended(ending),
        Dialog::Problem { trouble, own_tab } => sign_in::problem(&trouble, own_tab),
        Dialog::Beside(trouble) => sign_in::beside(trouble.advice()),
        Dialog::Forget => sign_in::forget(),
        Dialog::NoAccess(refusal) => sign_in::no_access(refusal),
        Dialog::SignedOut {
            url,
            revoked,
            is_framed,
        } => sign_in::signed_out(url, revoked, is_framed),
        Dialog::SignedInElsewhere => popup::signed_in_elsewhere(),
        Dialog::PopupWaiting { own_tab } => popup::waiting(own_tab),
        Dialog::PopupBlocked { own_tab } => popup::blocked(own_tab),
        Dialog::PopupContinue { url, page } => popup::go_on(url, page),
        Dialog::PopupContinued { url, page } => popup::continued(url, page),
        Dialog::PopupNoOpener(page) => popup::no_opener(page),
        Dialog::PopupUnconfirmed => popup::unconfirmed(),
        Dialog::PopupCode(code) => popup::code(code.expose()),
        Dialog::Help(address) => panels::help(&address),
        Dialog::Python {
            variables,
            is_complete,
            can_issue,
        } => panels::python(variables.expose(), is_complete, can_issue),
    }
}
