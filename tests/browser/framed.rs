//! The shell inside another site's page.

pub(crate) mod fallbacks;
mod lab;
mod links;
mod strangers;

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    driver::{Engine, Tab},
    embedder::{Embedder, Sandbox},
    environment, leaks,
    stage::{Stage, play, play_on},
    world::{Login, Plan},
};

use crate::{
    people::{self, ADMIN},
    work,
};

/// A deployment that `embedder` may frame.
pub(crate) fn plan_for(embedder: &Embedder) -> Plan {
    Login::Development.with_config("frame_ancestors", json!([embedder.origin()]))
}

/// A foreign site, and a deployment that it may frame.
async fn framed() -> (Embedder, Plan) {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let plan = plan_for(&embedder);
    (embedder, plan)
}

/// Clicks "Sign in" in the frame, and goes to the window that opens.
pub(crate) async fn open_relay(stage: &Stage) -> Result<Tab> {
    let relay = stage
        .browser
        .popup(async || stage.click("#sign-in").await)
        .await?;
    stage.read(".card h1", "Sign in to MLflow").await?;
    Ok(relay)
}

/// Goes on from there to the hosted login, in a window of its own.
pub(crate) async fn open_login(stage: &Stage) -> Result<Tab> {
    let login = stage
        .browser
        .popup(async || stage.click("#continue").await)
        .await?;
    stage.read("button[type=submit]", "Sign in").await?;
    Ok(login)
}

/// Signs in from the frame, whose tab is `page`.
pub(crate) async fn sign_in(stage: &Stage, page: &Tab) -> Result<()> {
    let relay = open_relay(stage).await?;
    let login = open_login(stage).await?;
    stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
    stage.browser.see_closed(&login, page).await?;
    stage.browser.see_closed(&relay, page).await?;
    stage.read("#user", ADMIN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_works_inside_a_foreign_site() {
    let (embedder, plan) = framed().await;
    let demo = environment::demo();
    play("framed", plan, async |stage| {
        let run = work::run(&demo);
        stage
            .open_framed(&embedder, &format!("/{run}"), Sandbox::Absent)
            .await?;
        let page = stage.browser.tab().await?;
        sign_in(stage, &page).await?;

        // The deep link, opened cold.
        stage.be_at(&run).await?;
        stage.see(&["showcase", "learning_rate"]).await?;
        work::round(stage, &demo).await?;
        leaks::find(&stage.world.record.since(stage.begin)).refuse_bare()?;
        sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_server_leads_there_from_a_frame_as_well() {
    let (embedder, plan) = framed().await;
    let plan = plan.with_upstream("dev", &[]).with_upstream("central", &[]);
    let demo = environment::demo();
    play_on(&[Engine::Chromium], "framed-server", plan, async |stage| {
        let run = work::run(&demo);
        let path = format!("/?upstream=central{run}");
        stage.open_framed(&embedder, &path, Sandbox::Absent).await?;
        let page = stage.browser.tab().await?;
        sign_in(stage, &page).await?;
        stage.see(&["showcase", "learning_rate"]).await?;
        let asked = stage.world.record.since(stage.begin);
        let elsewhere = asked.iter().any(|record| record.upstream == Some("dev"));
        ensure!(!elsewhere, "another server was asked");
        Ok(())
    })
    .await;
}

/// Signs out in the frame, where the provider's page cannot be shown.
pub(crate) async fn sign_out(stage: &Stage) -> Result<()> {
    stage.click("#sign-out").await?;
    stage.be_told("framed").await?;
    stage.read(".card h1", "Signed out on this device").await?;
    let status = stage.status_of(people::API).await?;
    ensure!(status == 401, "MLflow was still open: {status}");
    let outside = stage.run_outside("return document.title;").await?;
    ensure!(outside == Embedder::TITLE, "the page is gone: {outside}");
    Ok(())
}
