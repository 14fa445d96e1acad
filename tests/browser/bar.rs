//! The bar: what it says, and what can be done with it.

pub(crate) mod programs;
mod servers;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    driver::Engine,
    environment,
    scenario::{scenario, scenario_in},
    upstream::NOWHERE,
    wait,
};

use crate::{users, work};

/// Opens the menu and chooses an entry.
pub(crate) async fn choose(session: &BrowserSession, entry: &str) -> Result<()> {
    session.click(".menu summary").await?;
    session.click(entry).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_opens_where_one_is_and_the_link_to_it_is_copied() {
    let demo = environment::demo();
    scenario("bar", Login::Development, async |session| {
        users::begin_work(session).await?;
        let run = work::run(&demo);
        session.visit(&run).await?;
        session.be_at(&run).await?;

        choose(session, "#copy-link").await?;
        session.read(".toast", "Copied").await?;

        session
            .browser
            .popup(async || choose(session, "#new-tab").await)
            .await?;
        session.be_at(&run).await?;
        session.see(&["learning_rate"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bar_can_be_hidden_and_leaves_its_room_to_mlflow() {
    scenario_in(&[Engine::Chromium], "bar-hidden", Login::Development, async |session| {
        users::begin_work(session).await?;
        let before = height(session).await?;
        choose(session, "#hide-bar").await?;
        session.read("#show-bar", "").await?;
        ensure!(height(session).await? > before, "MLflow has no more room");
        let script = "const strip = document.querySelector('#show-bar').getBoundingClientRect(); \
             return strip.bottom <= document.querySelector('#mlflow').getBoundingClientRect().top;";
        ensure!(session.run(script).await? == true, "the strip covers MLflow");

        session.click("#show-bar").await?;
        session.read("#user", users::ADMIN).await
    })
    .await;
}

async fn height(session: &BrowserSession) -> Result<u64> {
    let height = session
        .run("return document.querySelector('#mlflow').clientHeight;")
        .await?;
    Ok(height.as_u64().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bar_can_be_left_out() {
    let spec = Login::Development.with_config("bar", json!("off"));
    scenario_in(&[Engine::Chromium], "bar-off", spec, async |session| {
        session.open("/#/experiments").await?;
        session.click("#sign-in").await?;
        session
            .submit(users::ADMIN, shell_idp::DEVELOPMENT_PASSWORD)
            .await?;
        session.see(&["churn"]).await?;
        let bar = session
            .run("return document.querySelector('.bar, #show-bar');")
            .await?;
        ensure!(bar.is_null(), "there is a bar");

        // What has to be said is said all the same.
        ask(session, NOWHERE).await?;
        session.read(".toast", "does not forward").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn light_and_dark_go_together_whoever_switches() {
    scenario("theme", Login::Development, async |session| {
        users::begin_work(session).await?;
        be_dark(session, false).await?;
        choose(session, "#theme").await?;
        be_dark(session, true).await?;
        session.see(&["churn"]).await?;

        // MLflow's own switch leaves this note.
        let switch = "document.querySelector('#mlflow').contentWindow.localStorage\
             .setItem('_mlflow_dark_mode_toggle_enabled', 'false');";
        session.run(switch).await?;
        wait::until("a light bar", async || {
            let scheme = "return getComputedStyle(document.documentElement).colorScheme;";
            Ok((session.run(scheme).await? == "light").then_some(()))
        })
        .await
    })
    .await;
}

/// Waits until page and MLflow both are dark, or light.
async fn be_dark(session: &BrowserSession, dark: bool) -> Result<()> {
    let script = "const frame = document.querySelector('#mlflow').contentDocument; \
         return [getComputedStyle(document.documentElement).colorScheme, \
             frame.body?.classList.contains('dark-mode') ?? null];";
    let scheme = if dark { "dark" } else { "light" };
    wait::until(scheme, async || {
        let shown = session.run(script).await?;
        Ok((shown == json!([scheme, dark])).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_is_worded_for_mlflow_and_told_beside_the_bar() {
    scenario_in(
        &[Engine::Chromium],
        "denial",
        Login::Development,
        async |session| {
            users::begin_work(session).await?;

            let answer = ask(session, NOWHERE).await?;

            ensure!(answer["error_code"] == "ENDPOINT_NOT_FOUND", "{answer}");
            let sentence = answer["message"].as_str().unwrap_or_default().to_owned();
            ensure!(
                !sentence.contains("Token") && sentence.len() > 30,
                "{sentence}"
            );
            session.read(".toast", &sentence).await
        },
    )
    .await;
}

/// Returns the JSON that a script of MLflow's is answered.
pub(crate) async fn ask(session: &BrowserSession, path: &str) -> Result<Value> {
    let script = format!(
        "document.querySelector('#mlflow').contentWindow.fetch('{path}')\
         .then((answer) => answer.text()).then((text) => {{ \
             document.documentElement.dataset.asked = text; }});"
    );
    session.run(&script).await?;
    wait::until("an answer", async || {
        let text = session
            .run("return document.documentElement.dataset.asked ?? '';")
            .await?;
        Ok(serde_json::from_str(text.as_str().unwrap_or_default()).ok())
    })
    .await
}
