//! The bar: what it says, and what can be done with it.

pub(crate) mod programs;
mod servers;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    driver::Engine,
    environment,
    stage::{Stage, play, play_on},
    upstream::NOWHERE,
    wait,
    world::Login,
};

use crate::{people, work};

/// Opens the menu and chooses an entry.
pub(crate) async fn choose(stage: &Stage, entry: &str) -> Result<()> {
    stage.click(".menu summary").await?;
    stage.click(entry).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_opens_where_one_is_and_the_link_to_it_is_copied() {
    let demo = environment::demo();
    play("bar", Login::Development, async |stage| {
        people::begin_work(stage).await?;
        let run = work::run(&demo);
        stage.visit(&run).await?;
        stage.be_at(&run).await?;

        choose(stage, "#copy-link").await?;
        stage.read(".toast", "Copied").await?;

        stage
            .browser
            .popup(async || choose(stage, "#new-tab").await)
            .await?;
        stage.be_at(&run).await?;
        stage.see(&["learning_rate"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bar_can_be_hidden_and_leaves_its_room_to_mlflow() {
    play_on(&[Engine::Chromium], "bar-hidden", Login::Development, async |stage| {
        people::begin_work(stage).await?;
        let before = height(stage).await?;
        choose(stage, "#hide-bar").await?;
        stage.read("#show-bar", "").await?;
        ensure!(height(stage).await? > before, "MLflow has no more room");
        let script = "const strip = document.querySelector('#show-bar').getBoundingClientRect(); \
             return strip.bottom <= document.querySelector('#mlflow').getBoundingClientRect().top;";
        ensure!(stage.run(script).await? == true, "the strip covers MLflow");

        stage.click("#show-bar").await?;
        stage.read("#user", people::ADMIN).await
    })
    .await;
}

async fn height(stage: &Stage) -> Result<u64> {
    let height = stage
        .run("return document.querySelector('#mlflow').clientHeight;")
        .await?;
    Ok(height.as_u64().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bar_can_be_left_out() {
    let plan = Login::Development.with_config("bar", json!("off"));
    play_on(&[Engine::Chromium], "bar-off", plan, async |stage| {
        stage.open("/#/experiments").await?;
        stage.click("#sign-in").await?;
        stage
            .submit(people::ADMIN, shell_idp::DEVELOPMENT_PASSWORD)
            .await?;
        stage.see(&["churn"]).await?;
        let bar = stage
            .run("return document.querySelector('.bar, #show-bar');")
            .await?;
        ensure!(bar.is_null(), "there is a bar");

        // What has to be said is said all the same.
        ask(stage, NOWHERE).await?;
        stage.read(".toast", "does not forward").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn light_and_dark_go_together_whoever_switches() {
    play("theme", Login::Development, async |stage| {
        people::begin_work(stage).await?;
        be_dark(stage, false).await?;
        choose(stage, "#theme").await?;
        be_dark(stage, true).await?;
        stage.see(&["churn"]).await?;

        // MLflow's own switch leaves this note.
        let switch = "document.querySelector('#mlflow').contentWindow.localStorage\
             .setItem('_mlflow_dark_mode_toggle_enabled', 'false');";
        stage.run(switch).await?;
        wait::until("a light bar", async || {
            let scheme = "return getComputedStyle(document.documentElement).colorScheme;";
            Ok((stage.run(scheme).await? == "light").then_some(()))
        })
        .await
    })
    .await;
}

/// Waits until page and MLflow both are dark, or light.
async fn be_dark(stage: &Stage, dark: bool) -> Result<()> {
    let script = "const frame = document.querySelector('#mlflow').contentDocument; \
         return [getComputedStyle(document.documentElement).colorScheme, \
             frame.body?.classList.contains('dark-mode') ?? null];";
    let scheme = if dark { "dark" } else { "light" };
    wait::until(scheme, async || {
        let shown = stage.run(script).await?;
        Ok((shown == json!([scheme, dark])).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_is_worded_for_mlflow_and_told_beside_the_bar() {
    play_on(
        &[Engine::Chromium],
        "denial",
        Login::Development,
        async |stage| {
            people::begin_work(stage).await?;

            let answer = ask(stage, NOWHERE).await?;

            ensure!(answer["error_code"] == "ENDPOINT_NOT_FOUND", "{answer}");
            let sentence = answer["message"].as_str().unwrap_or_default().to_owned();
            ensure!(
                !sentence.contains("Token") && sentence.len() > 30,
                "{sentence}"
            );
            stage.read(".toast", &sentence).await
        },
    )
    .await;
}

/// Returns the JSON that a script of MLflow's is answered.
pub(crate) async fn ask(stage: &Stage, path: &str) -> Result<Value> {
    let script = format!(
        "document.querySelector('#mlflow').contentWindow.fetch('{path}')\
         .then((answer) => answer.text()).then((text) => {{ \
             document.documentElement.dataset.asked = text; }});"
    );
    stage.run(&script).await?;
    wait::until("an answer", async || {
        let text = stage
            .run("return document.documentElement.dataset.asked ?? '';")
            .await?;
        Ok(serde_json::from_str(text.as_str().unwrap_or_default()).ok())
    })
    .await
}
