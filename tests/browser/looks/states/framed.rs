//! What is shown inside another site's page, and in the windows of a sign-in
//! from there.

use anyhow::Result;
use shell_core::messages::card as text;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    embedder::{Embedder, Sandbox},
    stage::Stage,
};

use super::clear;
use crate::{
    framed::{
        self,
        fallbacks::{NO_WINDOWS, ROUTE, login_without_relay, refuse_rendezvous},
    },
    people::ADMIN,
};

/// A step of a sign-in in another site's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framed {
    SignIn,
    Waiting,
    Blocked,
    SignedOut,
    /// The others are in windows.
    Relay,
    Continued,
    Unheard,
    Code,
}

/// All of them, and what a picture of each is called.
pub(super) const STATES: [(&str, Framed); 8] = [
    ("framed-sign-in", Framed::SignIn),
    ("framed-waiting", Framed::Waiting),
    ("framed-blocked", Framed::Blocked),
    ("framed-signed-out", Framed::SignedOut),
    ("relay", Framed::Relay),
    ("relay-continued", Framed::Continued),
    ("callback-unheard", Framed::Unheard),
    ("callback-code", Framed::Code),
];

impl Framed {
    /// Goes there, wherever browser and deployment are.
    pub(super) async fn reach(self, stage: &Stage, embedder: &Embedder) -> Result<()> {
        clear(stage).await?;
        // There the browser keeps another storage, and one of its own for each
        // tab, where an earlier sign-in may still be noted.
        stage.browser.open_tab().await?;
        stage
            .open_framed(embedder, "/?reset", Sandbox::Absent)
            .await?;
        stage.click("#forget").await?;
        stage.read("#sign-in", "Sign in").await?;
        match self {
            Self::SignIn => open(stage, embedder, ROUTE, Sandbox::Absent).await,
            Self::Waiting => waiting(stage, embedder).await,
            Self::Blocked => blocked(stage, embedder).await,
            Self::SignedOut => signed_out(stage, embedder).await,
            Self::Relay => relay(stage, embedder).await,
            Self::Continued => continued(stage, embedder).await,
            Self::Unheard => {
                returned(stage, embedder).await?;
                stage.read(".card p", text::UNHEARD_HELP).await
            }
            Self::Code => {
                refuse_rendezvous(stage);
                returned(stage, embedder).await?;
                stage.read(".card pre", "code=").await
            }
        }
    }
}

async fn open(stage: &Stage, embedder: &Embedder, path: &str, sandbox: Sandbox) -> Result<()> {
    stage.open_framed(embedder, path, sandbox).await?;
    stage.read("#sign-in", "Sign in").await
}

/// Clicks "Sign in" and goes to the window that opens.
async fn relay(stage: &Stage, embedder: &Embedder) -> Result<()> {
    open(stage, embedder, ROUTE, Sandbox::Absent).await?;
    framed::open_relay(stage).await?;
    stage.read("#continue", "Continue").await
}

async fn waiting(stage: &Stage, embedder: &Embedder) -> Result<()> {
    let page = stage.browser.tab().await?;
    relay(stage, embedder).await?;
    stage.browser.switch_to(&page).await?;
    stage.read(".card h1", text::IN_WINDOW).await
}

async fn blocked(stage: &Stage, embedder: &Embedder) -> Result<()> {
    open(stage, embedder, ROUTE, NO_WINDOWS).await?;
    stage.click("#sign-in").await?;
    stage.be_told("popup-blocked").await
}

async fn signed_out(stage: &Stage, embedder: &Embedder) -> Result<()> {
    open(stage, embedder, ROUTE, Sandbox::Absent).await?;
    let page = stage.browser.tab().await?;
    framed::sign_in(stage, &page).await?;
    framed::sign_out(stage).await
}

async fn continued(stage: &Stage, embedder: &Embedder) -> Result<()> {
    relay(stage, embedder).await?;
    let window = stage.browser.tab().await?;
    framed::open_login(stage).await?;
    stage.browser.switch_to(&window).await?;
    stage.read(".card h1", text::CONTINUED).await
}

/// Returns from the hosted login when the window between is closed.
async fn returned(stage: &Stage, embedder: &Embedder) -> Result<()> {
    login_without_relay(stage, embedder).await?;
    stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await
}
