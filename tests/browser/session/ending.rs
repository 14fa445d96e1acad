//! When a session really ends, nothing is lost; when it is ended, nothing stays.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{browser_session::BrowserSession, deployment::Login, scenario::scenario, wait};

use super::{
    batch::{self, all_well},
    renewal::{provider, until_over},
};
use crate::users::{self, ADMIN};

const READER: &str = "mlflow-reader@example.com";

/// Something a person typed, which no reload would leave.
const TYPE: &str = "const frame = document.querySelector('#mlflow').contentDocument; \
     frame.documentElement.dataset.typed = 'a draft';";

const TYPED: &str = "const frame = document.querySelector('#mlflow').contentDocument; \
     return frame.documentElement.dataset.typed ?? '';";

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_is_taken_up_again_beside_mlflow() {
    let spec = Login::Development.token_lifetime(3);
    scenario("return", spec, async |session| {
        begin_and_lose_the_session(session).await?;
        let page = session.browser.tab().await?;

        let popup = sign_in_beside(session).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.browser.see_closed(&popup, &page).await?;

        let counts = batch::outcome(session, "held").await?;
        ensure!(counts == all_well(5), "{counts:?}");
        ensure!(session.run(TYPED).await? == "a draft", "the frame was lost");
        wait_for_no_overlay(session).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_up_another_users_session() {
    let spec = Login::Development.token_lifetime(3);
    scenario("stranger", spec, async |session| {
        begin_and_lose_the_session(session).await?;
        let page = session.browser.tab().await?;

        let popup = sign_in_beside(session).await?;
        session.submit(READER, DEVELOPMENT_PASSWORD).await?;
        session.browser.see_closed(&popup, &page).await?;

        session.read("#user", READER).await?;
        // A frame that has just begun to load has no document yet.
        session.see(&["churn"]).await?;
        ensure!(session.run(TYPED).await? == "", "the frame was kept");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_its_greatest_age() {
    let spec = Login::Development.with_config("session", json!({ "max_age": 15 }));
    scenario("max-age", spec.token_lifetime(60), async |session| {
        let before = provider(session)?.counts().revocations;
        users::begin_work(session).await?;

        session.read(".cover h1", "Your session ended").await?;
        session.read(".cover", "the longest time allowed").await?;
        wait::until("a revocation", async || {
            let revoked = provider(session)?.counts().revocations - before;
            Ok((revoked == 1).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_revocation_is_said() {
    scenario("not-revoked", Login::Development, async |session| {
        users::begin_work(session).await?;
        session.deployment.login.stop();

        session.click("#sign-out").await?;

        session.be_told("not-revoked").await?;
        let status = session.status_of(users::API).await?;
        ensure!(status == 401, "{status}");
        session.deployment.login.resume().await
    })
    .await;
}

/// Signs in, leaves a mark in MLflow, and lets the provider end the session
/// while five requests are under way.
async fn begin_and_lose_the_session(session: &BrowserSession) -> Result<()> {
    users::begin_work(session).await?;
    session.run(TYPE).await?;
    let page = session.browser.tab().await?;
    provider(session)?.end_all();
    until_over(session).await?;
    batch::begin(session, "held", 5, &batch::get(batch::API)).await?;
    session.read(".cover h1", "Your session ended").await?;
    session.browser.switch_to(&page).await
}

/// Clicks the way back in, and waits for the provider's form in its window.
async fn sign_in_beside(session: &BrowserSession) -> Result<shell_tests::driver::Tab> {
    let click = async || session.click(".cover #sign-in").await;
    let popup = session.browser.popup(click).await?;
    session.read("button[type=submit]", "Sign in").await?;
    Ok(popup)
}

async fn wait_for_no_overlay(session: &BrowserSession) -> Result<()> {
    let overlays = "return document.querySelectorAll('.cover').length;";
    wait::until("no overlay", async || {
        let count = session.run(overlays).await?;
        Ok((count.as_u64().context("a number")? == 0).then_some(()))
    })
    .await
}
