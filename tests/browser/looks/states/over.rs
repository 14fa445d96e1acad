//! What is shown to who is signed in.

use anyhow::Result;
use serde_json::{Value, json};
use shell_idp::{DEVELOPMENT_PASSWORD, Fault, User};
use shell_tests::{browser_session::BrowserSession, upstream::NOWHERE};

use super::{GROUPS, LONG, clear, configure, sign_in_card};
use crate::{bar, session::renewal::provider, users};

/// Makes the notices stay that pass after a while.
const LINGER: &str = "const soon = window.setTimeout; \
     window.setTimeout = (act, wait, ...rest) => wait > 5000 ? 0 : soon(act, wait, ...rest);";

/// MLflow, and what may be over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Workbench,
    LongNames,
    Menu,
    Help,
    Collapsed,
    PythonToken,
    PythonSigV4,
    Denied,
    /// In MLflow's place.
    Refused,
    Renewing,
    Ended,
    NotRevoked,
}

/// All of them, and what a picture of each is called.
pub(crate) const STATES: [(&str, Over); 12] = [
    ("workbench", Over::Workbench),
    ("long-names", Over::LongNames),
    ("menu", Over::Menu),
    ("help", Over::Help),
    ("collapsed", Over::Collapsed),
    ("python-token", Over::PythonToken),
    ("python-sigv4", Over::PythonSigV4),
    ("denied", Over::Denied),
    ("refused", Over::Refused),
    ("renewing", Over::Renewing),
    ("ended", Over::Ended),
    ("not-revoked", Over::NotRevoked),
];

impl Over {
    /// Goes there, wherever browser and deployment are.
    pub(crate) async fn reach(self, session: &BrowserSession) -> Result<()> {
        clear(session).await?;
        match self {
            Self::Workbench => work(session).await,
            Self::LongNames => long_names(session).await,
            Self::Menu => open_menu(session).await,
            Self::Help => choose(session, "#help").await,
            Self::Collapsed => collapse(session).await,
            Self::PythonToken => python(session, json!({ "access": "token" })).await,
            Self::PythonSigV4 => {
                let api = "https://abc123def4.execute-api.eu-central-1.amazonaws.com/prod";
                python(session, json!({ "access": "sigv4", "tracking_uri": api })).await
            }
            Self::Denied => denied(session).await,
            Self::Refused => refused(session).await,
            Self::Renewing => renewing(session).await,
            Self::Ended => ended(session).await,
            Self::NotRevoked => not_revoked(session).await,
        }
    }
}

async fn work(session: &BrowserSession) -> Result<()> {
    sign_in_card(session).await?;
    users::sign_in(session).await?;
    session.see(&["churn"]).await
}

async fn long_names(session: &BrowserSession) -> Result<()> {
    provider(session)?.put_user(User::new(LONG, GROUPS));
    sign_in_card(session).await?;
    session.sign_in(LONG, DEVELOPMENT_PASSWORD).await?;
    session.see(&["churn"]).await
}

async fn open_menu(session: &BrowserSession) -> Result<()> {
    work(session).await?;
    session.click(".menu summary").await?;
    session.read("#help", "Help").await
}

/// Chooses an entry of the menu that shows a card.
async fn choose(session: &BrowserSession, entry: &str) -> Result<()> {
    open_menu(session).await?;
    session.click(entry).await?;
    session.read(".cover #close", "Close").await
}

async fn collapse(session: &BrowserSession) -> Result<()> {
    open_menu(session).await?;
    session.click("#hide-bar").await?;
    session.read("#show-bar", "▾").await
}

async fn python(session: &BrowserSession, how: Value) -> Result<()> {
    configure(session, "python", how).await?;
    choose(session, "#python").await
}

async fn denied(session: &BrowserSession) -> Result<()> {
    work(session).await?;
    session.run(LINGER).await?;
    bar::ask(session, NOWHERE).await?;
    session.read(".toast", "does not forward").await
}

/// MLflow is not there; what is said in its frame is what is looked at.
async fn refused(session: &BrowserSession) -> Result<()> {
    session.deployment.upstream.stop();
    sign_in_card(session).await?;
    users::sign_in(session).await?;
    session.see(&["MLflow is not answering"]).await?;
    session.shell_is_in(Some("#mlflow")).await
}

/// The server refuses the token, and there is no other at the moment.
async fn renewing(session: &BrowserSession) -> Result<()> {
    work(session).await?;
    provider(session)?.faults().set(Fault::TokenStatus(503));
    session.deployment.refuse(true);
    ask(session).await?;
    session.read(".notice", "trying again").await
}

/// The server refuses the token, and there will never be another.
async fn ended(session: &BrowserSession) -> Result<()> {
    work(session).await?;
    provider(session)?.end_all();
    session.deployment.refuse(true);
    ask(session).await?;
    session.read(".cover h1", "Your session ended").await
}

async fn not_revoked(session: &BrowserSession) -> Result<()> {
    work(session).await?;
    session.deployment.login.stop();
    session.click("#sign-out").await?;
    session.be_told("not-revoked").await
}

/// Lets MLflow's page ask something, whatever the answer is.
async fn ask(session: &BrowserSession) -> Result<()> {
    let api = users::API;
    let script =
        format!("document.querySelector('#mlflow').contentWindow.fetch('{api}').catch(() => 0);");
    session.run(&script).await?;
    Ok(())
}
