//! "Use from Python", with a real client.

use std::{collections::HashMap, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_tests::{
    driver::Engine,
    environment,
    stage::{Stage, play_on},
    wait,
    world::Login,
};

use super::choose;
use crate::people;

/// Prints the names of all experiments, and where their page is.
const PROGRAM: &str = "import os, mlflow; \
     print(os.environ['MLFLOW_AMPLIFY_UI_URI'], \
         *(experiment.name for experiment in mlflow.search_experiments()))";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_works_with_what_the_panel_says() {
    let Some(python) = environment::python() else {
        return;
    };
    let plan = Login::Development.with_config("python", json!({ "access": "token" }));
    play_on(&[Engine::Chromium], "programs", plan, async |stage| {
        people::begin_work(stage).await?;
        let variables = new_token(stage).await?;

        let mut command = Command::new(&python);
        command.args(["-c", PROGRAM]).envs(&variables);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            said.contains("churn"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(said.starts_with(&stage.world.origin), "{said}");

        // The token is for programs: MLflow's pages are not reached with it.
        stage.click("#close").await?;
        stage.read("#user", people::ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_there_is_no_panel_and_no_token() {
    play_on(
        &[Engine::Chromium],
        "no-programs",
        Login::Development,
        async |stage| {
            people::begin_work(stage).await?;
            stage.click(".menu summary").await?;
            stage.read("#help", "Help").await?;
            let entry = stage
                .run("return document.querySelector('#python');")
                .await?;
            ensure!(entry.is_null(), "there is a panel");
            stage
                .run("document.documentElement.dataset.answer = '';")
                .await?;
            let script = "fetch('/mlflow/@shell/tokens', { method: 'POST' }).then((answer) => { \
             document.documentElement.dataset.answer = answer.status; });";
            stage.run(script).await?;
            wait::until("a refusal", async || {
                let status = stage
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
pub(crate) async fn new_token(stage: &Stage) -> Result<HashMap<String, String>> {
    choose(stage, "#python").await?;
    stage.read(".card pre", "MLFLOW_TRACKING_TOKEN=…").await?;
    stage.click("#new-token").await?;
    stage
        .read(".card pre", "MLFLOW_TRACKING_TOKEN=mlflow_")
        .await?;
    variables(stage).await
}

async fn variables(stage: &Stage) -> Result<HashMap<String, String>> {
    let shown = stage
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
