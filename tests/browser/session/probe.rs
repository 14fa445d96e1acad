//! A script of MLflow's own origin looks everywhere for something to steal.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    stage::{Stage, play},
    wait,
    world::{Login, Plan},
};

use super::batch;
use crate::people;

/// Runs in the frame, and collects whatever a passive script can see.
const PROBE: &str = include_str!("probe.js");

/// How a token, an encoded verifier or a key would look: three parts of a JWT,
/// or one of the names they go by.
const SUSPICIOUS: [&str; 6] = [
    "eyJ",
    "refresh_token",
    "code_verifier",
    "bearer=",
    "\"CryptoKey\"",
    "verifier=",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_frame_finds_no_token_while_pages_keep_the_key() {
    look_everywhere("probe", Login::Development.into()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_frame_finds_no_token_while_the_device_keeps_the_key() {
    let plan = Login::Development.with_config("session", json!({ "keep": "on-device" }));
    look_everywhere("probe-device", plan).await;
}

async fn look_everywhere(name: &'static str, plan: Plan) {
    play(name, plan.token_lifetime(3), async |stage| {
        people::begin_work(stage).await?;
        inject(stage).await?;
        // Renewals, a killed worker and another tab: whatever makes them talk.
        super::renewal::until_over(stage).await?;
        batch::make(stage, 5).await?;
        stage.browser.kill_worker().await?;
        batch::make(stage, 5).await?;
        let page = stage.browser.tab().await?;
        stage.open_tab("/#/models").await?;
        stage.read("#user", people::ADMIN).await?;
        stage.browser.switch_to(&page).await?;

        let found = collect(stage).await?;

        ensure!(
            found.contains("\"stores\""),
            "the probe saw nothing: {found}"
        );
        for sign in SUSPICIOUS {
            ensure!(!found.contains(sign), "{sign} in {found}");
        }
        Ok(())
    })
    .await;
}

async fn inject(stage: &Stage) -> Result<()> {
    let script = serde_json::to_string(PROBE)?;
    let inject = format!(
        "const inside = document.querySelector('#mlflow').contentDocument; \
         const script = inside.createElement('script'); script.textContent = {script}; \
         inside.head.append(script);"
    );
    stage.run(&inject).await?;
    Ok(())
}

async fn collect(stage: &Stage) -> Result<String> {
    stage
        .run("document.querySelector('#mlflow').contentDocument.dispatchEvent(new Event('collect'));")
        .await?;
    let told = "return document.querySelector('#mlflow').contentDocument.documentElement.dataset.found ?? '';";
    wait::until("what the probe found", async || {
        let found = stage.run(told).await?;
        let found = found.as_str().unwrap_or_default().to_owned();
        Ok((!found.is_empty()).then_some(found))
    })
    .await
}
