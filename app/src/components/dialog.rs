//! What covers MLflow, or is shown in its place.

use leptos::{ev, html::H1, prelude::*};
use shell_core::{
    Secret,
    messages::bar,
    page::{Dialog, Msg},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::action::Action;
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
    let drawn = move |dialog: Dialog| {
        if context.session.with_untracked(Option::is_some) {
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
                <Card dialog />
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
                <Card dialog />
            </main>
        </div>
    }
}

/// What is on a dialog.
#[component]
fn Card(dialog: Dialog) -> impl IntoView {
    let title = NodeRef::<H1>::new();
    title.on_load(|title| drop(title.focus()));
    let (code, contents) = (dialog.code(), dialog.contents());
    let is_said = |text: &String| !text.is_empty();
    let buttons = contents.buttons.into_iter();
    view! {
        <img src="/favicon.svg" alt="" />
        <h1 id=TITLE tabindex="-1" node_ref=title>{dialog.title()}</h1>
        {Some(contents.text).filter(is_said).map(|text| view! { <p>{text}</p> })}
        {contents.snippet.map(|snippet| view! { <pre tabindex="0">{snippet.expose().to_owned()}</pre> })}
        {contents.rows.into_iter().map(|(text, button)| view! {
            <p class="row"><span>{text}</span><Action button /></p>
        }).collect_view()}
        {contents.has_code_field.then(|| view! { <CodeField /> })}
        <p class="actions">{buttons.map(|button| view! { <Action button /> }).collect_view()}</p>
        {(!code.is_empty()).then(|| view! { <code>{code}</code> })}
    }
}

/// The field for the code of a framed sign-in. Enter uses what is in it.
#[component]
fn CodeField() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let enter = move |event| {
        context.dispatch(Msg::CodeEntered(Secret::new(event_target_value(&event))));
        context.dispatch(Msg::UseCode);
    };
    view! {
        <input id="code" aria-label=bar::CODE placeholder=bar::CODE on:change=enter />
    }
}
