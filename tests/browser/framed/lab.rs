//! The shell in a real `JupyterLab`, opened by the real extension.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_tests::{
    environment,
    jupyter::Jupyter,
    leaks,
    stage::{Stage, play},
    world::Login,
};

use super::sign_in;
use crate::work;

/// The shell's address is told when the lab opens it.
const ANY_SITE: &str = "http://localhost:1/";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_works_inside_jupyterlab() {
    let Some(lab) = Jupyter::start(ANY_SITE).await.expect("the lab starts") else {
        return;
    };
    let plan = Login::Development.with_config("frame_ancestors", json!([lab.origin()]));
    let demo = environment::demo();
    play("lab", plan, async |stage| {
        let run = work::run(&demo);
        stage.open_in_lab(&lab, &format!("/{run}")).await?;
        let page = stage.browser.tab().await?;
        sign_in(stage, &page).await?;
        stage.be_at(&run).await?;
        work::round(stage, &demo).await?;
        leaks::find(&stage.world.record.since(stage.begin)).refuse_bare()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_jupyters_own_address_the_shell_explains_itself_and_does_not_run() {
    let Some(lab) = Jupyter::start(ANY_SITE).await.expect("the lab starts") else {
        return;
    };
    // The lab is not listed, so its probe cannot read the page.
    play("lab-proxy", Login::Development, async |stage| {
        let url = format!("{}/#/experiments", stage.world.origin);
        let shown = stage.open_site_in_lab(&lab, &url).await?;
        ensure!(shown.contains("/iframes/proxy"), "the lab shows {shown}");
        explained(stage).await
    })
    .await;
}

async fn explained(stage: &Stage) -> Result<()> {
    stage
        .read("#stalled", "its own")
        .await
        .context("the words that need no script")?;
    let script = "return document.querySelector('.card, .bar') === null;";
    ensure!(
        stage.run(script).await? == true,
        "the shell runs in a foreign origin"
    );
    Ok(())
}
