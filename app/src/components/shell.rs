//! The toolbar, MLflow below it, and the dialog that covers or replaces it.

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
