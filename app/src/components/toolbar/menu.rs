//! The bar's menu.

use leptos::{
    ev,
    html::{Details, Summary},
    prelude::*,
};
use shell_core::{
    config::Bar,
    messages::{action, bar as text, card},
    page::{Button, Effect, Msg},
};
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, HtmlDetailsElement, Node};

use crate::{components::action::Action, context::PageContext};

/// The menu. It closes at a click beside it, at Escape, and when MLflow's frame
/// takes the keyboard, which is all that a page notices of a click into it.
#[component]
pub fn Menu() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let (menu, summary) = (NodeRef::<Details>::new(), NodeRef::<Summary>::new());
    let close = move || close(menu, summary);
    let listeners = [
        window_event_listener(ev::blur, move |_| close()),
        window_event_listener(ev::click, move |event| {
            if !contains(menu, event.target()) {
                close();
            }
        }),
        window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" {
                close();
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    let has_python = context
        .site
        .with_untracked(|site| site.offer.python.is_some());
    let entries = [
        ("new-tab", action::OWN_TAB, Msg::OpenTab),
        ("copy-link", text::COPY_LINK, Msg::CopyLink),
        ("python", card::PYTHON, Msg::ShowPython),
        ("theme", text::THEME, Msg::Do(Effect::SwitchTheme)),
        ("hide-bar", text::HIDE, Msg::Bar(Bar::Collapsed)),
        ("help", card::HELP, Msg::ShowHelp),
    ];
    let entries = entries.into_iter();
    let entries = entries.filter(|(id, ..)| has_python || *id != "python");
    let entries = entries.map(|(id, label, sends)| {
        view! { <Action button=Button { id, label, sends } /> }
    });
    view! {
        <details class="menu" node_ref=menu>
            <summary aria-label=text::MENU node_ref=summary>"⋯"</summary>
            <div on:click:capture=move |_| close()>{entries.collect_view()}</div>
        </details>
    }
}

/// Closes the menu; the keyboard goes back to what opened it.
fn close(menu: NodeRef<Details>, summary: NodeRef<Summary>) {
    let Some(details) = menu.get_untracked().filter(HtmlDetailsElement::open) else {
        return;
    };
    let focused = document().active_element();
    let was_inside = focused.is_some_and(|focused| details.contains(Some(&focused)));
    details.set_open(false);
    if let (true, Some(summary)) = (was_inside, summary.get_untracked()) {
        let _ = summary.focus();
    }
}

fn contains(menu: NodeRef<Details>, target: Option<EventTarget>) -> bool {
    let target = target.and_then(|target| target.dyn_into::<Node>().ok());
    menu.get_untracked()
        .is_some_and(|menu| menu.contains(target.as_ref()))
}
