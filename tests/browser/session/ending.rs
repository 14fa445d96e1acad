//! When a session really ends, nothing is lost; when it is ended, nothing stays.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    stage::{Stage, play},
    wait,
    world::Login,
};

use super::{
    batch::{self, all_well},
    renewal::{provider, until_over},
};
use crate::people::{self, ADMIN};

const READER: &str = "mlflow-reader@example.com";

/// Something a person typed, which no reload would leave.
const TYPE: &str = "const frame = document.querySelector('#mlflow').contentDocument; \
     frame.documentElement.dataset.typed = 'a draft';";

const TYPED: &str = "const frame = document.querySelector('#mlflow').contentDocument; \
     return frame.documentElement.dataset.typed ?? '';";

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_is_taken_up_again_beside_mlflow() {
    let plan = Login::Development.token_lifetime(3);
    play("return", plan, async |stage| {
        begin_and_lose_the_session(stage).await?;
        let page = stage.browser.tab().await?;

        let popup = sign_in_beside(stage).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.browser.see_closed(&popup, &page).await?;

        let tally = batch::outcome(stage, "held").await?;
        ensure!(tally == all_well(5), "{tally:?}");
        ensure!(stage.run(TYPED).await? == "a draft", "the frame was lost");
        wait_for_no_overlay(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_up_another_users_session() {
    let plan = Login::Development.token_lifetime(3);
    play("stranger", plan, async |stage| {
        begin_and_lose_the_session(stage).await?;
        let page = stage.browser.tab().await?;

        let popup = sign_in_beside(stage).await?;
        stage.submit(READER, DEVELOPMENT_PASSWORD).await?;
        stage.browser.see_closed(&popup, &page).await?;

        stage.read("#user", READER).await?;
        // A frame that has just begun to load has no document yet.
        stage.see(&["churn"]).await?;
        ensure!(stage.run(TYPED).await? == "", "the frame was kept");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_its_greatest_age() {
    let plan = Login::Development.with_config("session", json!({ "max_age": 15 }));
    play("max-age", plan.token_lifetime(60), async |stage| {
        let before = provider(stage)?.counts().revocations;
        people::begin_work(stage).await?;

        stage.read(".cover h1", "Your session ended").await?;
        stage.read(".cover", "the longest time allowed").await?;
        wait::until("a revocation", async || {
            let revoked = provider(stage)?.counts().revocations - before;
            Ok((revoked == 1).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_revocation_is_said() {
    play("not-revoked", Login::Development, async |stage| {
        people::begin_work(stage).await?;
        stage.world.login.stop();

        stage.click("#sign-out").await?;

        stage.be_told("not-revoked").await?;
        let status = stage.status_of(people::API).await?;
        ensure!(status == 401, "{status}");
        stage.world.login.resume().await
    })
    .await;
}

/// Signs in, leaves a mark in MLflow, and lets the provider end the session
/// while five requests are under way.
async fn begin_and_lose_the_session(stage: &Stage) -> Result<()> {
    people::begin_work(stage).await?;
    stage.run(TYPE).await?;
    let page = stage.browser.tab().await?;
    provider(stage)?.end_all();
    until_over(stage).await?;
    batch::begin(stage, "held", 5, &batch::get(batch::API)).await?;
    stage.read(".cover h1", "Your session ended").await?;
    stage.browser.switch_to(&page).await
}

/// Clicks the way back in, and waits for the provider's form in its window.
async fn sign_in_beside(stage: &Stage) -> Result<shell_tests::driver::Tab> {
    let click = async || stage.click(".cover #sign-in").await;
    let popup = stage.browser.popup(click).await?;
    stage.read("button[type=submit]", "Sign in").await?;
    Ok(popup)
}

async fn wait_for_no_overlay(stage: &Stage) -> Result<()> {
    let overlays = "return document.querySelectorAll('.cover').length;";
    wait::until("no overlay", async || {
        let count = stage.run(overlays).await?;
        Ok((count.as_u64().context("a number")? == 0).then_some(()))
    })
    .await
}
