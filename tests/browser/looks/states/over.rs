//! What is shown to who is signed in.

use anyhow::Result;
use serde_json::{Value, json};
use shell_idp::{DEVELOPMENT_PASSWORD, Fault, User};
use shell_tests::{stage::Stage, upstream::NOWHERE};

use super::{GROUPS, LONG, clear, configure, sign_in_card};
use crate::{bar, people, session::renewal::provider};

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
    pub(crate) async fn reach(self, stage: &Stage) -> Result<()> {
        clear(stage).await?;
        match self {
            Self::Workbench => work(stage).await,
            Self::LongNames => long_names(stage).await,
            Self::Menu => open_menu(stage).await,
            Self::Help => choose(stage, "#help").await,
            Self::Collapsed => collapse(stage).await,
            Self::PythonToken => python(stage, json!({ "access": "token" })).await,
            Self::PythonSigV4 => {
                let api = "https://abc123def4.execute-api.eu-central-1.amazonaws.com/prod";
                python(stage, json!({ "access": "sigv4", "tracking_uri": api })).await
            }
            Self::Denied => denied(stage).await,
            Self::Refused => refused(stage).await,
            Self::Renewing => renewing(stage).await,
            Self::Ended => ended(stage).await,
            Self::NotRevoked => not_revoked(stage).await,
        }
    }
}

async fn work(stage: &Stage) -> Result<()> {
    sign_in_card(stage).await?;
    people::sign_in(stage).await?;
    stage.see(&["churn"]).await
}

async fn long_names(stage: &Stage) -> Result<()> {
    provider(stage)?.put_user(User::new(LONG, GROUPS));
    sign_in_card(stage).await?;
    stage.sign_in(LONG, DEVELOPMENT_PASSWORD).await?;
    stage.see(&["churn"]).await
}

async fn open_menu(stage: &Stage) -> Result<()> {
    work(stage).await?;
    stage.click(".menu summary").await?;
    stage.read("#help", "Help").await
}

/// Chooses an entry of the menu that shows a card.
async fn choose(stage: &Stage, entry: &str) -> Result<()> {
    open_menu(stage).await?;
    stage.click(entry).await?;
    stage.read(".cover #close", "Close").await
}

async fn collapse(stage: &Stage) -> Result<()> {
    open_menu(stage).await?;
    stage.click("#hide-bar").await?;
    stage.read("#show-bar", "▾").await
}

async fn python(stage: &Stage, how: Value) -> Result<()> {
    configure(stage, "python", how).await?;
    choose(stage, "#python").await
}

async fn denied(stage: &Stage) -> Result<()> {
    work(stage).await?;
    stage.run(LINGER).await?;
    bar::ask(stage, NOWHERE).await?;
    stage.read(".toast", "does not forward").await
}

/// MLflow is not there; what is said in its frame is what is looked at.
async fn refused(stage: &Stage) -> Result<()> {
    stage.world.upstream.stop();
    sign_in_card(stage).await?;
    people::sign_in(stage).await?;
    stage.see(&["MLflow is not answering"]).await?;
    stage.shell_is_in(Some("#mlflow")).await
}

/// The server refuses the token, and there is no other at the moment.
async fn renewing(stage: &Stage) -> Result<()> {
    work(stage).await?;
    provider(stage)?.faults().set(Fault::TokenStatus(503));
    stage.world.refuse(true);
    ask(stage).await?;
    stage.read(".notice", "trying again").await
}

/// The server refuses the token, and there will never be another.
async fn ended(stage: &Stage) -> Result<()> {
    work(stage).await?;
    provider(stage)?.end_all();
    stage.world.refuse(true);
    ask(stage).await?;
    stage.read(".cover h1", "Your session ended").await
}

async fn not_revoked(stage: &Stage) -> Result<()> {
    work(stage).await?;
    stage.world.login.stop();
    stage.click("#sign-out").await?;
    stage.be_told("not-revoked").await
}

/// Lets MLflow's page ask something, whatever the answer is.
async fn ask(stage: &Stage) -> Result<()> {
    let api = people::API;
    let script =
        format!("document.querySelector('#mlflow').contentWindow.fetch('{api}').catch(() => 0);");
    stage.run(&script).await?;
    Ok(())
}
