//! A script of MLflow's own origin looks everywhere for something to steal.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    scenario::{Scenario, scenario},
    wait,
};

use super::batch;
use crate::users;

/// Runs in the frame, and collects whatever a passive script can see.
const PROBE: &str = include_str!("probe.js");

/// How a token, a verifier or a key would look: three parts of a JWT, or one of
/// the names they go by, in the provider's JSON and in the session's, which is text
/// in what the probe says.
const SUSPICIOUS: [&str; 7] = [
    "eyJ",
    "refresh_token",
    "code_verifier",
    "\"CryptoKey\"",
    "bearer\\\":",
    "refresh\\\":",
    "verifier\\\":",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_frame_finds_no_token_while_pages_keep_the_key() {
    let spec = Login::Development.token_lifetime(3);
    Scenario::new("probe", spec)
        .in_every_engine()
        .run(look_everywhere)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_frame_finds_no_token_while_the_device_keeps_the_key() {
    let spec = Login::Development.with_config("session", json!({ "keep": "on-device" }));
    scenario("probe-device", spec.token_lifetime(3), look_everywhere).await;
}

pub(super) async fn look_everywhere(session: &BrowserSession) -> Result<()> {
    users::begin_work(session).await?;
    inject(session).await?;
    // Renewals, a killed worker and another tab: whatever makes them talk.
    super::renewal::until_over(session).await?;
    batch::make(session, 5).await?;
    session.browser.kill_worker().await?;
    batch::make(session, 5).await?;
    let page = session.browser.tab().await?;
    session.open_tab("/#/models").await?;
    session.read("#user", users::ADMIN).await?;
    session.browser.switch_to(&page).await?;

    let found = collect(session).await?;

    ensure!(
        found.contains("\"stores\""),
        "the probe saw nothing: {found}"
    );
    for sign in SUSPICIOUS {
        ensure!(!found.contains(sign), "{sign} in {found}");
    }
    Ok(())
}

async fn inject(session: &BrowserSession) -> Result<()> {
    let script = serde_json::to_string(PROBE)?;
    let inject = format!(
        "const inside = document.querySelector('#mlflow').contentDocument; \
         const script = inside.createElement('script'); script.textContent = {script}; \
         inside.head.append(script);"
    );
    session.run(&inject).await?;
    Ok(())
}

async fn collect(session: &BrowserSession) -> Result<String> {
    session
        .run("document.querySelector('#mlflow').contentDocument.dispatchEvent(new Event('collect'));")
        .await?;
    let told = "return document.querySelector('#mlflow').contentDocument.documentElement.dataset.found ?? '';";
    wait::until("what the probe found", async || {
        let found = session.run(told).await?;
        let found = found.as_str().unwrap_or_default().to_owned();
        Ok((!found.is_empty()).then_some(found))
    })
    .await
}
