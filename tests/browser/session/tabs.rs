//! Several tabs, one session.

use anyhow::{Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    stage::{Stage, play},
    world::Login,
};

use super::renewal::provider;
use crate::people::{self, ADMIN};

/// Remembers whether the sign-in button was ever there.
const WATCH: &str = "new MutationObserver(() => { \
         if (document.querySelector('#sign-in')) document.documentElement.dataset.flash = 'yes'; \
     }).observe(document.body, { childList: true, subtree: true });";

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out_reaches_every_tab() {
    play("tabs", Login::Development, async |stage| {
        stage.open("/#/experiments").await?;
        stage.read("#sign-in", "Sign in").await?;
        let first = stage.browser.tab().await?;
        let second = stage.open_tab("/#/models").await?;
        people::sign_in(stage).await?;

        stage.browser.switch_to(&first).await?;
        stage.read("#user", ADMIN).await?;
        stage.be_at("#/experiments").await?;
        stage.see(&["churn"]).await?;

        open_a_later_tab(stage).await?;
        people::sign_out(stage).await?;
        for tab in [&first, &second] {
            stage.browser.switch_to(tab).await?;
            stage.read("#sign-in", "Sign in").await?;
        }
        Ok(())
    })
    .await;
}

async fn open_a_later_tab(stage: &Stage) -> Result<()> {
    stage.open_tab("/#/experiments").await?;
    stage.run(WATCH).await?;
    stage.read("#user", ADMIN).await?;
    stage.see(&["churn"]).await?;
    let flash = "return document.documentElement.dataset.flash ?? 'no';";
    ensure!(stage.run(flash).await? == "no", "the sign-in page showed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_sign_in_at_the_same_time_both_end_signed_in() {
    play("both", Login::Development, async |stage| {
        stage.open("/#/experiments").await?;
        stage.click("#sign-in").await?;
        stage.read("button[type=submit]", "Sign in").await?;
        let first = stage.browser.tab().await?;
        let second = stage.open_tab("/#/models").await?;
        stage.click("#sign-in").await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.read("#user", ADMIN).await?;

        stage.browser.switch_to(&first).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.read("#user", ADMIN).await?;
        stage.see(&["churn"]).await?;

        stage.browser.switch_to(&second).await?;
        stage.read("#user", ADMIN).await?;
        stage.be_at("#/models").await?;
        let revocations = provider(stage)?.counts().revocations;
        ensure!(revocations >= 1, "the earlier session was not revoked");
        Ok(())
    })
    .await;
}
