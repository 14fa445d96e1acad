//! The shell's page. It shows where the user stands and frames MLflow; it
//! never sees a token. What happens is decided by `shell-core` and done by the
//! service worker; [`worker`] asks, [`session`] turns the answers into what
//! is shown, [`screen`] shows it.

mod actions;
mod artifact_pages;
mod bar;
mod cards;
mod framed;
mod programs;
mod relay;
mod screen;
mod session;
mod start;
mod workbench;
mod worker;

fn main() {
    session::start();
}
