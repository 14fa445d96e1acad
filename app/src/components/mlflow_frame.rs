//! MLflow's frame. The document has it from the start, so that MLflow can be on
//! its way before this module is: here it is only shown, hidden and covered.

use leptos::prelude::*;
use shell_web::frame;

use crate::context::PageContext;

/// Shows the frame while MLflow is to be seen; under a dialog it cannot be used.
#[component]
pub fn MlflowFrame() -> impl IntoView {
    let context = expect_context::<PageContext>();
    Effect::new(move || frame::show(context.route.with(Option::is_some)));
    Effect::new(move || frame::set_inert(context.dialog.with(Option::is_some)));
}
