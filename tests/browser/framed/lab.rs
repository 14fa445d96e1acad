//! The shell in a real `JupyterLab`, opened by the real extension.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_tests::{
    browser_session::BrowserSession, deployment::Login, environment, jupyter::Jupyter, leaks,
    scenario::scenario,
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
    let spec = Login::Development.with_config("frame_ancestors", json!([lab.origin()]));
    let demo = environment::demo();
    scenario("lab", spec, async |session| {
        let run = work::run(&demo);
        session.open_in_lab(&lab, &format!("/{run}")).await?;
        let page = session.browser.tab().await?;
        sign_in(session, &page).await?;
        session.be_at(&run).await?;
        work::round(session, &demo).await?;
        leaks::find(&session.deployment.record.since(session.begin)).refuse_bare()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_jupyters_own_address_the_shell_explains_itself_and_does_not_run() {
    let Some(lab) = Jupyter::start(ANY_SITE).await.expect("the lab starts") else {
        return;
    };
    // The lab is not listed, so its probe cannot read the page.
    scenario("lab-proxy", Login::Development, async |session| {
        let url = format!("{}/#/experiments", session.deployment.origin);
        let shown = session.open_site_in_lab(&lab, &url).await?;
        ensure!(shown.contains("/iframes/proxy"), "the lab shows {shown}");
        explained(session).await
    })
    .await;
}

async fn explained(session: &BrowserSession) -> Result<()> {
    session
        .read("#stalled", "its own")
        .await
        .context("the words that need no script")?;
    let script = "return document.querySelector('.card, .bar') === null;";
    ensure!(
        session.run(script).await? == true,
        "the shell runs in a foreign origin"
    );
    Ok(())
}
