//! Several tabs, one session.

use anyhow::{Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    scenario::{Scenario, scenario},
};

use super::renewal::provider;
use crate::users::{self, ADMIN};

/// Remembers whether the sign-in button was ever there.
const WATCH: &str = "new MutationObserver(() => { \
         if (document.querySelector('#sign-in')) document.documentElement.dataset.flash = 'yes'; \
     }).observe(document.body, { childList: true, subtree: true });";

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out_reaches_every_tab() {
    Scenario::new("tabs", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session.open("/#/experiments").await?;
            session.read("#sign-in", "Sign in").await?;
            let first = session.browser.tab().await?;
            let second = session.open_tab("/#/models").await?;
            users::sign_in(session).await?;

            session.browser.switch_to(&first).await?;
            session.read("#user", ADMIN).await?;
            session.be_at("#/experiments").await?;
            session.see(&["churn"]).await?;

            open_a_later_tab(session).await?;
            users::sign_out(session).await?;
            for tab in [&first, &second] {
                session.browser.switch_to(tab).await?;
                session.read("#sign-in", "Sign in").await?;
            }
            Ok(())
        })
        .await;
}

async fn open_a_later_tab(session: &BrowserSession) -> Result<()> {
    session.open_tab("/#/experiments").await?;
    session.run(WATCH).await?;
    session.read("#user", ADMIN).await?;
    session.see(&["churn"]).await?;
    let flash = "return document.documentElement.dataset.flash ?? 'no';";
    ensure!(session.run(flash).await? == "no", "the sign-in page showed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_sign_in_at_the_same_time_both_end_signed_in() {
    scenario("both", Login::Development, async |session| {
        session.open("/#/experiments").await?;
        session.click("#sign-in").await?;
        session.read("button[type=submit]", "Sign in").await?;
        let first = session.browser.tab().await?;
        let second = session.open_tab("/#/models").await?;
        session.click("#sign-in").await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.read("#user", ADMIN).await?;

        session.browser.switch_to(&first).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.read("#user", ADMIN).await?;
        session.see(&["churn"]).await?;

        session.browser.switch_to(&second).await?;
        session.read("#user", ADMIN).await?;
        session.be_at("#/models").await?;
        let revocations = provider(session)?.counts().revocations;
        ensure!(revocations >= 1, "the earlier session was not revoked");
        Ok(())
    })
    .await;
}
