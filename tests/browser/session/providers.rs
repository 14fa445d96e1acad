//! Providers that leave out what the standards let them leave out.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::{DEVELOPMENT_PASSWORD, Fault};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    scenario::{Scenario, scenario},
};

use super::{
    batch::{self, all_well},
    outages::{HASTY, change_worker},
    renewal::{granted, provider, until_over},
};
use crate::users::{self, ADMIN};

#[tokio::test(flavor = "multi_thread")]
async fn without_another_id_token_the_session_lasts_as_long_as_the_first() {
    let spec = Login::Development.token_lifetime(12).rotating(10);
    scenario("no-id-token", spec, async |session| {
        provider(session)?.faults().set(Fault::NoRenewedIdToken);
        users::begin_work(session).await?;
        let before = granted(session)?;
        until_renewed(session, before).await?;
        let mark = session.deployment.record.mark();
        ensure!(batch::make(session, 5).await? == all_well(5), "no answers");
        let bearers = session.deployment.record.bearers_since(mark);
        ensure!(bearers == 1, "{bearers} tokens");

        session.read(".cover h1", "Your session ended").await?;
        session.read(".cover", "no longer renews it").await?;
        let refreshes = granted(session)? - before;
        ensure!(refreshes == 1, "asked {refreshes} times in vain");
        Ok(())
    })
    .await;
}

/// Asks MLflow until a renewal was granted.
async fn until_renewed(session: &BrowserSession, before: usize) -> Result<()> {
    shell_tests::wait::until("a renewal", async || {
        batch::make(session, 1).await?;
        Ok((granted(session)? > before).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_the_browser_hides_ends_the_session_with_a_way_back() {
    let spec = Login::Development.token_lifetime(3);
    Scenario::new("hidden-refusal", spec)
        .in_every_engine()
        .run(async |session| {
            change_worker(session, HASTY)?;
            users::begin_work(session).await?;
            provider(session)?.faults().set(Fault::RefusalsWithoutCors);
            provider(session)?.end_all();
            until_over(session).await?;
            batch::begin(session, "held", 5, &batch::get(batch::API)).await?;
            session.read(".notice", "trying again").await?;

            session.read(".cover h1", "Your session ended").await?;
            session.read(".cover", "no longer renews it").await?;
            sign_in_beside(session).await?;
            let counts = batch::outcome(session, "held").await?;
            ensure!(counts == all_well(5), "{counts:?}");
            Ok(())
        })
        .await;
}

async fn sign_in_beside(session: &BrowserSession) -> Result<()> {
    let page = session.browser.tab().await?;
    let click = async || session.click(".cover #sign-in").await;
    let popup = session.browser.popup(click).await?;
    session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
    session.browser.see_closed(&popup, &page).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_without_cors_is_named_with_the_cures() {
    Scenario::new("no-cors", Login::Development)
        .in_every_engine()
        .run(async |session| {
            provider(session)?.faults().set(Fault::NoCors);
            session.open("/#/experiments").await?;
            session.click("#sign-in").await?;
            session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;

            session.be_told("bad-tokens").await?;
            let endpoint = format!("{}/oauth2/token", session.deployment.login.origin());
            session.read(".card", &endpoint).await?;
            session.read(".card", "via_gateway").await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_goes_on_where_no_refresh_token_is_taken_back() {
    scenario("not-taken-back", Login::Development, async |session| {
        for status in [401, 404] {
            users::begin_work(session).await?;
            let fault = Fault::RevocationStatus(status);
            provider(session)?.faults().set(fault);
            let before = provider(session)?.counts().logouts;

            session.click("#sign-out").await?;

            session.read("#sign-in", "Sign in").await?;
            session.be_told("not-revoked").await?;
            session.read(".card", "did not take").await?;
            let logouts = provider(session)?.counts().logouts - before;
            ensure!(logouts == 1, "{logouts} sign-outs at the provider");
            let status = session.status_of(users::API).await?;
            ensure!(status == 401, "{status}");

            // It is said once.
            session.open("/").await?;
            session.read(".card", "Sign in to see").await?;
            provider(session)?.faults().clear_all();
        }
        Ok(())
    })
    .await;
}

/// The page with the form has no origin, and its policy lets it post to the provider
/// and come back: both are the browser's to keep.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_wants_it_is_posted_the_id_token_at_sign_out() {
    let spec = Login::Development.with_config("provider.post_id_token_at_logout", json!(true));
    Scenario::new("form-post", spec)
        .in_every_engine()
        .run(async |session| {
            let before = provider(session)?.counts().hinted_logouts;
            users::begin_work(session).await?;

            session.click("#sign-out").await?;

            session.read("#sign-in", "Sign in").await?;
            let hinted = provider(session)?.counts().hinted_logouts - before;
            ensure!(hinted == 1, "{hinted} posts of an ID token");
            // The page was for once, and for no link.
            session.open("/end-session").await?;
            session.read("#sign-in", "Sign in").await?;
            users::sign_in(session).await?;
            session.open("/end-session").await?;
            session.read("#user", ADMIN).await?;
            let hinted = provider(session)?.counts().hinted_logouts - before;
            ensure!(hinted == 1, "{hinted} posts of an ID token");
            users::sign_out(session).await
        })
        .await;
}
