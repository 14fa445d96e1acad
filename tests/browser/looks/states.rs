//! All that the shell can show, and the way to each of it.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use shell_idp::{DEVELOPMENT_PASSWORD, Fault, User};
use shell_tests::{
    client,
    stage::Stage,
    world::{Login, Plan},
};

use crate::{callback::state as issued, people, session::renewal::provider, sign_in::begin};

/// In no group.
const OUTSIDER: &str = "somebody.who.waits@example.com";

/// As long as names of people and groups are in large companies.
const LONG: &str = "maximiliane.hohenlohe-von-waldburg.external@subsidiary.example.com";
const GROUPS: [&str; 4] = [
    "readers",
    "data-science-platform-production-users",
    "model-approvers",
    "quantitative-research-frankfurt",
];

/// Something the shell can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    SignIn,
    WrongConfiguration,
    ForeignOrigin,
    ProviderDown,
    CallbackIncomplete,
    LinkUsed,
    Declined,
    LostOpener,
    NoAccess,
    Workbench,
    LongNames,
    Menu,
    Help,
    Collapsed,
    PythonToken,
    PythonSigV4,
    Renewing,
    Ended,
    NotRevoked,
}

/// All of them.
///
/// Those with several servers belong after the workbench, and those inside
/// another site's page at the end.
pub(crate) const STATES: [State; 19] = [
    State::SignIn,
    State::WrongConfiguration,
    State::ForeignOrigin,
    State::ProviderDown,
    State::CallbackIncomplete,
    State::LinkUsed,
    State::Declined,
    State::LostOpener,
    State::NoAccess,
    State::Workbench,
    State::LongNames,
    State::Menu,
    State::Help,
    State::Collapsed,
    State::PythonToken,
    State::PythonSigV4,
    State::Renewing,
    State::Ended,
    State::NotRevoked,
];

/// The deployment they can all be reached in.
pub(crate) fn plan() -> Plan {
    Login::Development.running()
}

/// Goes through all of them, and tells which one it was that `look` failed at.
pub(crate) async fn visit(stage: &Stage, look: impl AsyncFn(State) -> Result<()>) -> Result<()> {
    for state in STATES {
        let seen = async {
            state.reach(stage).await?;
            look(state).await
        };
        seen.await.with_context(|| format!("at {}", state.name()))?;
    }
    Ok(())
}

impl State {
    /// What a picture of it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::WrongConfiguration => "wrong-configuration",
            Self::ForeignOrigin => "foreign-origin",
            Self::ProviderDown => "provider-down",
            Self::CallbackIncomplete => "callback-incomplete",
            Self::LinkUsed => "state-unknown",
            Self::Declined => "declined",
            Self::LostOpener => "no-opener",
            Self::NoAccess => "no-access",
            Self::Workbench => "workbench",
            Self::LongNames => "long-names",
            Self::Menu => "menu",
            Self::Help => "help",
            Self::Collapsed => "collapsed",
            Self::PythonToken => "python-token",
            Self::PythonSigV4 => "python-sigv4",
            Self::Renewing => "renewing",
            Self::Ended => "ended",
            Self::NotRevoked => "not-revoked",
        }
    }

    /// Goes there, wherever browser and deployment are.
    pub(crate) async fn reach(self, stage: &Stage) -> Result<()> {
        clear(stage).await?;
        match self {
            Self::SignIn => sign_in_card(stage).await,
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
            Self::Renewing => renewing(stage).await,
            Self::Ended => ended(stage).await,
            Self::NotRevoked => not_revoked(stage).await,
        }
    }
}

/// Makes browser and deployment forget what another state took.
async fn clear(stage: &Stage) -> Result<()> {
    stage.world.restore();
    stage.world.refuse(false);
    stage.world.login.resume().await?;
    provider(stage)?.faults().clear_all();
    stage.open("/?reset").await?;
    stage.read("#sign-in", "Sign in").await?;
    // The provider remembers people; it is another port of this host.
    Ok(stage.browser.driver.delete_all_cookies().await?)
}

async fn sign_in_card(stage: &Stage) -> Result<()> {
    stage.open("/#/experiments").await?;
    stage.read("#sign-in", "Sign in").await
}

/// Opens `path`, and waits for the card with `code`.
async fn told(stage: &Stage, path: &str, code: &str) -> Result<()> {
    stage.open(path).await?;
    stage.be_told(code).await
}

/// Sets a key of `config.json`.
async fn configure(stage: &Stage, key: &str, value: Value) -> Result<()> {
    let good = client::get(&format!("{}/config.json", stage.world.origin), &[]).await?;
    let mut config = good.json();
    config[key] = value;
    stage.world.replace("/config.json", &config.to_string());
    Ok(())
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
    stage.be_told("no-group").await
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
