//! The shell's page. It shows where the user stands and frames MLflow; it
//! never sees a token. What happens is decided by `shell-core` and done by the
//! service worker; [`worker`] asks, [`session`] turns the answers into what
//! is shown, the views show it.

#![expect(
    unreachable_pub,
    reason = "Leptos makes a public function of every component"
)]

mod app;
mod cards;
mod session;
mod start;
mod workbench;
mod worker;

fn main() {
    leptos::mount::mount_to_body(app::App);
}
