//! MLflow under its bar, or a dialog instead of it or over it.

use leptos::prelude::*;

use super::{dialog::DialogLayer, mlflow_frame::MlflowFrame, toasts::Toasts, toolbar::Toolbar};

/// The shell itself.
#[component]
pub fn Shell() -> impl IntoView {
    view! {
        <Toolbar />
        <MlflowFrame />
        <DialogLayer />
        <Toasts />
    }
}
