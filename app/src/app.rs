//! The one view that chooses between the others.

use leptos::prelude::*;

use crate::{
    cards::{Denied, Progress, SignIn, SignedOut, TroubleCard},
    session::{self, View},
    workbench::Workbench,
};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let view = RwSignal::new(View::Starting);
    provide_context(view);
    session::start(view);

    move || match view.get() {
        View::Starting => ().into_any(),
        View::Working(text) => view! { <Progress text/> }.into_any(),
        View::SignIn(ending) => view! { <SignIn ending/> }.into_any(),
        View::Workbench(user) => view! { <Workbench user/> }.into_any(),
        View::Denied(denial) => view! { <Denied denial/> }.into_any(),
        View::SignedOut(url) => view! { <SignedOut url/> }.into_any(),
        View::Trouble(trouble) => view! { <TroubleCard trouble/> }.into_any(),
    }
}
