//! The shell's page: it shows whether the user is signed in and frames MLflow. It never
//! sees a token.
//!
//! What is shown and done is decided by [`shell_core::page`]. [`components`] draw
//! it and turn clicks into messages, [`context`] passes messages to `core` and
//! effects to [`services`], and those talk to the browser. Each layer knows only
//! the ones after it.

pub mod components;
pub mod context;
pub mod services;

use leptos::mount::mount_to;

use crate::components::app::App;

/// The element of the document that the page is drawn in.
const ROOT: &str = "shell";

/// What the document shows until the page is drawn.
const STARTING: &str = "starting";

/// Draws the page in place of what the document shows, and starts it.
pub fn start() {
    shell_web::report_panics();
    shell_web::page::remove(STARTING);
    if let Some(root) = shell_web::page::element(ROOT) {
        mount_to(root, App).forget();
    }
}
