//! What is shown while no user is signed in.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::{DEVELOPMENT_PASSWORD, Fault, User};
use shell_tests::{browser_session::BrowserSession, client};

use super::{clear, configure, sign_in_card};
use crate::{
    callback::state as issued,
    session::renewal::provider,
    sign_in::begin,
    users::{self, ADMIN},
};

/// In no group.
const OUTSIDER: &str = "somebody.who.waits@example.com";

/// Lets pass what the page waits for before it shows the words that need no
/// script.
const SKIP: &str = "for (const one of document.getAnimations()) one.finish();";

/// A card instead of MLflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alone {
    SignIn,
    Forget,
    WrongConfiguration,
    ForeignOrigin,
    ProviderDown,
    Unreadable,
    TokenLeft,
    CallbackIncomplete,
    LinkUsed,
    Declined,
    LostOpener,
    NoAccess,
    /// No card: our scripts are missing.
    Stalled,
}

/// All of them, and what a picture of each is called.
pub(crate) const STATES: [(&str, Alone); 13] = [
    ("sign-in", Alone::SignIn),
    ("forget", Alone::Forget),
    ("wrong-configuration", Alone::WrongConfiguration),
    ("foreign-origin", Alone::ForeignOrigin),
    ("provider-down", Alone::ProviderDown),
    ("unreadable", Alone::Unreadable),
    ("token-left", Alone::TokenLeft),
    ("callback-incomplete", Alone::CallbackIncomplete),
    ("state-unknown", Alone::LinkUsed),
    ("declined", Alone::Declined),
    ("no-opener", Alone::LostOpener),
    ("no-access", Alone::NoAccess),
    ("stalled", Alone::Stalled),
];

impl Alone {
    /// Goes there, wherever browser and deployment are.
    pub(crate) async fn reach(self, session: &BrowserSession) -> Result<()> {
        clear(session).await?;
        match self {
            Self::SignIn => sign_in_card(session).await,
            Self::Forget => {
                session.open("/?reset").await?;
                session.read("#forget", "Forget and begin anew").await
            }
            Self::WrongConfiguration => {
                configure(session, "colour", json!("red")).await?;
                told(session, "/", "config").await
            }
            Self::ForeignOrigin => {
                let elsewhere = "http://localhost:1";
                configure(session, "origin", json!(elsewhere)).await?;
                told(session, "/", "foreign-origin").await
            }
            Self::ProviderDown => provider_down(session).await,
            Self::Unreadable => unreadable(session).await,
            Self::TokenLeft => token_left(session).await,
            Self::CallbackIncomplete => told(session, "/callback", "callback-incomplete").await,
            Self::LinkUsed => told(session, "/callback?code=x&state=y", "state-unknown").await,
            Self::Declined => declined(session).await,
            Self::LostOpener => told(session, "/relay", "no-opener").await,
            Self::NoAccess => no_access(session).await,
            Self::Stalled => stalled(session).await,
        }
    }
}

async fn unreadable(session: &BrowserSession) -> Result<()> {
    provider(session)?.faults().set(Fault::NoCors);
    begin(session).await?;
    session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
    session.be_told("bad-tokens").await
}

async fn token_left(session: &BrowserSession) -> Result<()> {
    let fault = Fault::RevocationStatus(401);
    users::begin_work(session).await?;
    provider(session)?.faults().set(fault);
    session.click("#sign-out").await?;
    session.be_told("not-revoked").await
}

/// Opens `path`, and waits for the card with `code`.
async fn told(session: &BrowserSession, path: &str, code: &str) -> Result<()> {
    session.open(path).await?;
    session.be_told(code).await
}

async fn provider_down(session: &BrowserSession) -> Result<()> {
    sign_in_card(session).await?;
    session.deployment.login.stop();
    session.click("#sign-in").await?;
    session.be_told("provider-down").await
}

async fn declined(session: &BrowserSession) -> Result<()> {
    let query = begin(session).await?;
    let path = format!("/callback?error=access_denied&state={}", issued(&query)?);
    told(session, &path, "provider").await
}

async fn no_access(session: &BrowserSession) -> Result<()> {
    provider(session)?.put_user(User::new(OUTSIDER, []));
    sign_in_card(session).await?;
    session.click("#sign-in").await?;
    session.submit(OUTSIDER, DEVELOPMENT_PASSWORD).await?;
    session.be_told("no-access").await
}

async fn stalled(session: &BrowserSession) -> Result<()> {
    let page = client::get(&session.deployment.origin, &[]).await?.text();
    let broken = page.replace("/boot-", "/missing-");
    ensure!(broken != page, "the page has another script");
    session.deployment.replace("/", &broken);
    session.open("/").await?;
    session.run(SKIP).await?;
    session.read("#stalled", "cannot start").await
}
