//! The one view that chooses between the others.

use leptos::{either::Either, prelude::*};

use crate::{
    cards::{Card, CardView},
    session::{self, View},
    workbench::Workbench,
};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let view = RwSignal::new(View::Starting);
    session::start(view);

    move || match view.get() {
        View::Workbench(user) => Either::Left(view! { <Workbench user view/> }),
        View::Card(card) => Either::Right(Some(view! { <CardView card view/> })),
        View::Busy(text) => {
            Either::Right(Some(view! { <CardView card=Card::progress(text) view/> }))
        }
        View::Starting => Either::Right(None),
    }
}
