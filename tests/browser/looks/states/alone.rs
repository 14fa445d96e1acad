//! What is shown while nobody is signed in.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::{DEVELOPMENT_PASSWORD, User};
use shell_tests::{client, stage::Stage};

use super::{clear, configure, sign_in_card};
use crate::{callback::state as issued, session::renewal::provider, sign_in::begin};

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
    CallbackIncomplete,
    LinkUsed,
    Declined,
    LostOpener,
    NoAccess,
    /// No card: our scripts are missing.
    Stalled,
}

/// All of them, and what a picture of each is called.
pub(crate) const STATES: [(&str, Alone); 11] = [
    ("sign-in", Alone::SignIn),
    ("forget", Alone::Forget),
    ("wrong-configuration", Alone::WrongConfiguration),
    ("foreign-origin", Alone::ForeignOrigin),
    ("provider-down", Alone::ProviderDown),
    ("callback-incomplete", Alone::CallbackIncomplete),
    ("state-unknown", Alone::LinkUsed),
    ("declined", Alone::Declined),
    ("no-opener", Alone::LostOpener),
    ("no-access", Alone::NoAccess),
    ("stalled", Alone::Stalled),
];

impl Alone {
    /// Goes there, wherever browser and deployment are.
    pub(crate) async fn reach(self, stage: &Stage) -> Result<()> {
        clear(stage).await?;
        match self {
            Self::SignIn => sign_in_card(stage).await,
            Self::Forget => {
                stage.open("/?reset").await?;
                stage.read("#forget", "Forget and begin anew").await
            }
            Self::WrongConfiguration => {
                configure(stage, "colour", json!("red")).await?;
                told(stage, "/", "config").await
            }
            Self::ForeignOrigin => {
                let elsewhere = "http://localhost:1";
                configure(stage, "origin", json!(elsewhere)).await?;
                told(stage, "/", "foreign-origin").await
            }
            Self::ProviderDown => provider_down(stage).await,
            Self::CallbackIncomplete => told(stage, "/callback", "callback-incomplete").await,
            Self::LinkUsed => told(stage, "/callback?code=x&state=y", "state-unknown").await,
            Self::Declined => declined(stage).await,
            Self::LostOpener => told(stage, "/relay", "no-opener").await,
            Self::NoAccess => no_access(stage).await,
            Self::Stalled => stalled(stage).await,
        }
    }
}

/// Opens `path`, and waits for the card with `code`.
async fn told(stage: &Stage, path: &str, code: &str) -> Result<()> {
    stage.open(path).await?;
    stage.be_told(code).await
}

async fn provider_down(stage: &Stage) -> Result<()> {
    sign_in_card(stage).await?;
    stage.world.login.stop();
    stage.click("#sign-in").await?;
    stage.be_told("provider-down").await
}

async fn declined(stage: &Stage) -> Result<()> {
    let query = begin(stage).await?;
    let path = format!("/callback?error=access_denied&state={}", issued(&query)?);
    told(stage, &path, "provider").await
}

async fn no_access(stage: &Stage) -> Result<()> {
    provider(stage)?.put_user(User::new(OUTSIDER, []));
    sign_in_card(stage).await?;
    stage.click("#sign-in").await?;
    stage.submit(OUTSIDER, DEVELOPMENT_PASSWORD).await?;
    stage.be_told("no-access").await
}

async fn stalled(stage: &Stage) -> Result<()> {
    let page = client::get(&stage.world.origin, &[]).await?.text();
    let broken = page.replace("/boot-", "/missing-");
    ensure!(broken != page, "the page has another script");
    stage.world.replace("/", &broken);
    stage.open("/").await?;
    stage.run(SKIP).await?;
    stage.read("#stalled", "cannot start").await
}
