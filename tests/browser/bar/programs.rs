//! "Use from Python", with a real client.

use std::{collections::HashMap, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_gateway::settings::{Settings, TokenSettings};
use shell_tests::{
    browser_session::BrowserSession, deployment::Login, driver::Engine, environment,
    scenario::scenario_in, wait,
};

use super::choose;
use crate::users;

/// Prints the names of all experiments, and where their page is.
const PROGRAM: &str = "import os, mlflow; \
     print(os.environ['MLFLOW_AMPLIFY_UI_URI'], \
         *(experiment.name for experiment in mlflow.search_experiments()))";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_works_with_what_the_panel_says() {
    let Some(python) = environment::python() else {
        return;
    };
    let spec = Login::Development.with_config("python", json!({ "access": "token" }));
    scenario_in(&[Engine::Chromium], "programs", spec, async |session| {
        users::begin_work(session).await?;
        let variables = new_token(session).await?;

        let mut command = Command::new(&python);
        command.args(["-c", PROGRAM]).envs(&variables);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            said.contains("churn"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(said.starts_with(&session.deployment.origin), "{said}");

        // The token is for programs: MLflow's pages are not reached with it.
        session.click("#close").await?;
        session.read("#user", users::ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_listed_until_it_is_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings {
        tokens: TokenSettings {
            registry: Some(folder.path().join("tokens.jsonl")),
            ..TokenSettings::default()
        },
        ..Settings::default()
    };
    let spec = Login::Development.with_config("python", json!({ "access": "token" }));
    let spec = spec.with_settings(settings);
    scenario_in(&[Engine::Chromium], "tokens", spec, async |session| {
        users::begin_work(session).await?;
        new_token(session).await?;
        session.read(".card .row", " UTC to ").await?;
        // The token is still shown beside the list.
        session
            .read(".card pre", "MLFLOW_TRACKING_TOKEN=mlflow_")
            .await?;

        session.click(".card .row button").await?;

        wait::until("no token is listed", async || {
            let row = session.run("return document.querySelector('.card .row');");
            Ok(row.await?.is_null().then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_there_is_no_panel_and_no_token() {
    scenario_in(
        &[Engine::Chromium],
        "no-programs",
        Login::Development,
        async |session| {
            users::begin_work(session).await?;
            session.click(".menu summary").await?;
            session.read("#help", "Help").await?;
            let entry = session
                .run("return document.querySelector('#python');")
                .await?;
            ensure!(entry.is_null(), "there is a panel");
            session
                .run("document.documentElement.dataset.answer = '';")
                .await?;
            let script = "fetch('/mlflow/@shell/tokens', { method: 'POST' }).then((answer) => { \
             document.documentElement.dataset.answer = answer.status; });";
            session.run(script).await?;
            wait::until("a refusal", async || {
                let status = session
                    .run("return document.documentElement.dataset.answer;")
                    .await?;
                Ok((status == "404").then_some(()))
            })
            .await
        },
    )
    .await;
}

/// Asks the panel for a token, and returns the variables that it shows then.
pub(crate) async fn new_token(session: &BrowserSession) -> Result<HashMap<String, String>> {
    choose(session, "#python").await?;
    session.read(".card pre", "MLFLOW_TRACKING_TOKEN=…").await?;
    session.click("#new-token").await?;
    session
        .read(".card pre", "MLFLOW_TRACKING_TOKEN=mlflow_")
        .await?;
    variables(session).await
}

async fn variables(session: &BrowserSession) -> Result<HashMap<String, String>> {
    let shown = session
        .run("return document.querySelector('.card pre').innerText;")
        .await?;
    let shown = shown.as_str().context("a text")?;
    let lines = shown
        .lines()
        .filter_map(|line| line.strip_prefix("export "));
    let pairs = lines.filter_map(|line| line.split_once('='));
    Ok(pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}
