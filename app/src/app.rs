//! MLflow if someone is signed in, and a card over it if there is something to
//! say or to do.

use leptos::prelude::*;

use crate::{
    cards::CardView,
    session::{self, Shell},
    workbench::Workbench,
};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let shell = Shell::default();
    session::start(shell);

    view! {
        {move || Some(view! { <Workbench user=shell.user.get()? shell/> })}
        {move || Some(view! { <CardView card=shell.card.get()? shell/> })}
    }
}
