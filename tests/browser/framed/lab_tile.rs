//! The shell in a real `JupyterLab`, opened by the tile of the Python package.

use std::fs;

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    driver::Engine,
    environment,
    jupyter::Jupyter,
    leaks,
    scenario::{Scenario, scenario},
    server::free_port,
};

use super::sign_in;
use crate::{users, work};

/// How wide the pictures for the manual are, in pixels.
const WIDE: u32 = 1400;

/// The port of a lab that is started later, and a deployment that it may frame.
fn framed() -> (u16, DeploymentSpec) {
    let port = free_port().expect("a port is free");
    let origin = Jupyter::origin_at(port);
    let spec = Login::Development.with_config("frame_ancestors", json!([origin]));
    (port, spec)
}

/// In the sandbox that the tabs of jupyter-server-proxy have.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_opens_mlflow_by_the_tile_in_jupyterlabs_launcher() {
    let (port, spec) = framed();
    let demo = environment::demo();
    Scenario::new("lab-tile", spec)
        .in_every_engine()
        .run(async |session| {
            let Some(lab) = Jupyter::start_at(port, &session.deployment.origin).await? else {
                return Ok(());
            };
            session.see_tile(&lab).await?;
            picture(session, "lab-launcher").await?;
            session.open_tile().await?;
            let page = session.browser.tab().await?;
            sign_in(session, &page).await?;
            session.see(&["churn", "forecast", "images"]).await?;
            session.visit(&work::run(&demo)).await?;
            session.see(&["showcase", "learning_rate"]).await?;
            picture(session, "lab").await?;
            is_at_its_own_origin(session).await?;
            leaks::find(&session.deployment.record.since(session.begin)).refuse_bare()?;
            session.click("#sign-out").await?;
            session.be_told("framed").await?;
            let status = session.status_of(users::API).await?;
            ensure!(status == 401, "MLflow was still open: {status}");
            Ok(())
        })
        .await;
}

/// Everything of the shell came from itself, and none through Jupyter's server.
async fn is_at_its_own_origin(session: &BrowserSession) -> Result<()> {
    let origin = &session.deployment.origin;
    let script = "return [location.origin, ...performance.getEntriesByType('resource') \
         .map((entry) => new URL(entry.name).origin)];";
    let origins = session.run(script).await?;
    let origins = origins.as_array().cloned().unwrap_or_default();
    ensure!(origins.len() > 1, "nothing was loaded");
    let stray = origins.iter().find(|found| **found != origin.as_str());
    ensure!(stray.is_none(), "something is from {stray:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_may_not_be_shown_in_jupyterlab_says_what_must_be_listed() {
    let port = free_port().expect("a port is free");
    let lab = Jupyter::origin_at(port);
    scenario("lab-tile-unlisted", Login::Development, async |session| {
        let said = format!("its config.json must list {lab} under \"frame_ancestors\"");
        says(session, port, &session.deployment.origin, &said).await?;
        session.read("a", "Open MLflow").await
    })
    .await;
}

/// A shell there would be in the hands of whoever has Jupyter's server.
#[tokio::test(flavor = "multi_thread")]
async fn a_shell_at_jupyters_own_address_is_not_opened() {
    let (port, spec) = framed();
    scenario("lab-tile-own", spec, async |session| {
        let shell = format!("{}/proxy/5000/", Jupyter::origin_at(port));
        says(session, port, &shell, "an address of Jupyter itself").await
    })
    .await;
}

/// Waits until the tab of the tile says this, instead of the shell at `shell`.
async fn says(session: &BrowserSession, port: u16, shell: &str, words: &str) -> Result<()> {
    let Some(lab) = Jupyter::start_at(port, shell).await? else {
        return Ok(());
    };
    session.see_tile(&lab).await?;
    session.open_tile().await?;
    session.read("p", words).await?;
    let at = session.run("return location.origin;").await?;
    ensure!(at == lab.origin(), "{at} was opened");
    Ok(())
}

/// Keeps a picture of the lab, if pictures are wanted.
async fn picture(session: &BrowserSession, name: &str) -> Result<()> {
    let folder = environment::shots().filter(|_| session.engine == Engine::Chromium);
    let Some(folder) = folder else {
        return Ok(());
    };
    session.browser.widen_to(WIDE).await?;
    fs::create_dir_all(&folder)?;
    let picture = session.browser.driver.screenshot_as_png().await?;
    fs::write(folder.join(format!("{name}.png")), picture)?;
    Ok(())
}
