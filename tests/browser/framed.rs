//! The shell inside another site's page.

pub(crate) mod fallbacks;
mod lab;
mod lab_tile;
mod links;
mod strangers;

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    driver::{Engine, Tab},
    embedder::{Embedder, Sandbox},
    environment, leaks,
    scenario::{Scenario, scenario_in},
};

use crate::{
    users::{self, ADMIN},
    work,
};

/// A deployment that `embedder` may frame.
pub(crate) fn spec_for(embedder: &Embedder) -> DeploymentSpec {
    Login::Development.with_config("frame_ancestors", json!([embedder.origin()]))
}

/// A foreign site, and a deployment that it may frame.
async fn framed() -> (Embedder, DeploymentSpec) {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let spec = spec_for(&embedder);
    (embedder, spec)
}

/// Clicks "Sign in" in the frame, and goes to the window that opens.
pub(crate) async fn open_relay(session: &BrowserSession) -> Result<Tab> {
    let relay = session
        .browser
        .popup(async || session.click("#sign-in").await)
        .await?;
    session.read(".card h1", "Sign in to MLflow").await?;
    Ok(relay)
}

/// Goes on from there to the hosted login, in a window of its own.
pub(crate) async fn open_login(session: &BrowserSession) -> Result<Tab> {
    let login = session
        .browser
        .popup(async || session.click("#continue").await)
        .await?;
    session.read("button[type=submit]", "Sign in").await?;
    Ok(login)
}

/// Signs in from the frame, whose tab is `page`.
pub(crate) async fn sign_in(session: &BrowserSession, page: &Tab) -> Result<()> {
    let relay = open_relay(session).await?;
    let login = open_login(session).await?;
    session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
    session.browser.see_closed(&login, page).await?;
    session.browser.see_closed(&relay, page).await?;
    session.read("#user", ADMIN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_works_inside_a_foreign_site() {
    let (embedder, spec) = framed().await;
    let demo = environment::demo();
    Scenario::new("framed", spec)
        .in_every_engine()
        .run(async |session| {
            let run = work::run(&demo);
            session
                .open_framed(&embedder, &format!("/{run}"), Sandbox::Absent)
                .await?;
            let page = session.browser.tab().await?;
            sign_in(session, &page).await?;

            // The deep link, opened cold.
            session.be_at(&run).await?;
            session.see(&["showcase", "learning_rate"]).await?;
            work::round(session, &demo).await?;
            leaks::find(&session.deployment.record.since(session.begin)).refuse_bare()?;
            sign_out(session).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_server_leads_there_from_a_frame_as_well() {
    let (embedder, spec) = framed().await;
    let spec = spec.with_upstream("dev", &[]).with_upstream("central", &[]);
    let demo = environment::demo();
    scenario_in(
        &[Engine::Chromium],
        "framed-server",
        spec,
        async |session| {
            let run = work::run(&demo);
            let path = format!("/?upstream=central{run}");
            session
                .open_framed(&embedder, &path, Sandbox::Absent)
                .await?;
            let page = session.browser.tab().await?;
            sign_in(session, &page).await?;
            session.see(&["showcase", "learning_rate"]).await?;
            let asked = session.deployment.record.since(session.begin);
            let elsewhere = asked.iter().any(|record| record.upstream == Some("dev"));
            ensure!(!elsewhere, "another server was asked");
            Ok(())
        },
    )
    .await;
}

/// Signs out in the frame, where the provider's page cannot be shown.
pub(crate) async fn sign_out(session: &BrowserSession) -> Result<()> {
    session.click("#sign-out").await?;
    session.be_told("framed").await?;
    session
        .read(".card h1", "Signed out on this device")
        .await?;
    let status = session.status_of(users::API).await?;
    ensure!(status == 401, "MLflow was still open: {status}");
    let outside = session.run_outside("return document.title;").await?;
    ensure!(outside == Embedder::TITLE, "the page is gone: {outside}");
    Ok(())
}
