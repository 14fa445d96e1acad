//! The views.

pub mod action;
pub mod app;
pub mod dialog;
pub mod mlflow_frame;
pub mod shell;
pub mod toasts;
pub mod toolbar;
