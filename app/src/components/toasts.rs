//! Short messages that pass, and what the toolbar would show if it were open.

use leptos::prelude::*;
use shell_core::config::Bar;

use super::toolbar::notice;
use crate::context::PageContext;

/// The place for it, over everything else. It is there before there is anything
/// to say, so that screen readers notice what comes.
#[component]
pub fn Toasts() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let has_bar = move || context.site.with(|site| site.bar == Bar::Open);
    let instead_of_bar = move || (!has_bar()).then(|| notice(context).text);
    view! {
        <div class="toasts" role="status">
            <span class="toast">{context.toast}</span>
            <span class="toast">{instead_of_bar}</span>
        </div>
    }
}
