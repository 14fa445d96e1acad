//! What is shown inside another site's page, and in the windows of a sign-in
//! from there.

use anyhow::Result;
use shell_core::messages::card as text;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession,
    embedder::{Embedder, Sandbox},
};

use super::clear;
use crate::{
    framed::{
        self,
        fallbacks::{NO_WINDOWS, ROUTE, login_without_relay, refuse_rendezvous},
    },
    users::ADMIN,
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
    pub(super) async fn reach(self, session: &BrowserSession, embedder: &Embedder) -> Result<()> {
        clear(session).await?;
        // There the browser keeps another storage, and one of its own for each
        // tab, where an earlier sign-in may still be noted.
        session.browser.open_tab().await?;
        session
            .open_framed(embedder, "/?reset", Sandbox::Absent)
            .await?;
        session.click("#forget").await?;
        session.read("#sign-in", "Sign in").await?;
        match self {
            Self::SignIn => open(session, embedder, ROUTE, Sandbox::Absent).await,
            Self::Waiting => waiting(session, embedder).await,
            Self::Blocked => blocked(session, embedder).await,
            Self::SignedOut => signed_out(session, embedder).await,
            Self::Relay => relay(session, embedder).await,
            Self::Continued => continued(session, embedder).await,
            Self::Unheard => {
                returned(session, embedder).await?;
                session.read(".card p", text::UNHEARD_HELP).await
            }
            Self::Code => {
                refuse_rendezvous(session);
                returned(session, embedder).await?;
                session.read(".card pre", "code=").await
            }
        }
    }
}

async fn open(
    session: &BrowserSession,
    embedder: &Embedder,
    path: &str,
    sandbox: Sandbox,
) -> Result<()> {
    session.open_framed(embedder, path, sandbox).await?;
    session.read("#sign-in", "Sign in").await
}

/// Clicks "Sign in" and goes to the window that opens.
async fn relay(session: &BrowserSession, embedder: &Embedder) -> Result<()> {
    open(session, embedder, ROUTE, Sandbox::Absent).await?;
    framed::open_relay(session).await?;
    session.read("#continue", "Continue").await
}

async fn waiting(session: &BrowserSession, embedder: &Embedder) -> Result<()> {
    let page = session.browser.tab().await?;
    relay(session, embedder).await?;
    session.browser.switch_to(&page).await?;
    session.read(".card h1", text::IN_WINDOW).await
}

async fn blocked(session: &BrowserSession, embedder: &Embedder) -> Result<()> {
    open(session, embedder, ROUTE, NO_WINDOWS).await?;
    session.click("#sign-in").await?;
    session.be_told("popup-blocked").await
}

async fn signed_out(session: &BrowserSession, embedder: &Embedder) -> Result<()> {
    open(session, embedder, ROUTE, Sandbox::Absent).await?;
    let page = session.browser.tab().await?;
    framed::sign_in(session, &page).await?;
    framed::sign_out(session).await
}

async fn continued(session: &BrowserSession, embedder: &Embedder) -> Result<()> {
    relay(session, embedder).await?;
    let window = session.browser.tab().await?;
    framed::open_login(session).await?;
    session.browser.switch_to(&window).await?;
    session.read(".card h1", text::CONTINUED).await
}

/// Returns from the hosted login when the window between is closed.
async fn returned(session: &BrowserSession, embedder: &Embedder) -> Result<()> {
    login_without_relay(session, embedder).await?;
    session.submit(ADMIN, DEVELOPMENT_PASSWORD).await
}
