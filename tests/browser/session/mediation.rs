//! A session that the gateway keeps: cookies, and what scripts see of it.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    driver::Engine,
    embedder::{Embedder, Sandbox},
    record::{Recipient, Record},
    scenario::{Scenario, scenario},
};

use super::{
    batch::{self, all_well},
    probe::look_everywhere,
    renewal::{granted, provider, refuse_reuse, until_over},
};
use crate::{
    framed,
    users::{self, ADMIN},
};

fn mediated(spec: DeploymentSpec) -> DeploymentSpec {
    spec.with_config("provider.via_gateway", json!(true))
}

/// The provider takes each refresh token once.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_gateway_keeps_is_renewed_survives_a_reload_and_ends() {
    let spec = mediated(Login::Development.token_lifetime(3).rotating(0));
    Scenario::new("mediated", spec)
        .in_every_engine()
        .run(async |session| {
            users::begin_work(session).await?;
            ensure!(cookies(session).await?.len() == 1, "no cookie");
            for _ in 0..2 {
                renew(session).await?;
            }
            session
                .anew(async || Ok(session.browser.driver.refresh().await?))
                .await?;
            session.read("#user", ADMIN).await?;
            session.see(&["churn"]).await?;
            renew(session).await?;
            refuse_reuse(session)?;

            let revoked = provider(session)?.counts().revocations;
            users::sign_out(session).await?;
            let revoked = provider(session)?.counts().revocations - revoked;
            ensure!(revoked == 1, "{revoked} revocations");
            ensure!(cookies(session).await?.is_empty(), "the cookie is left");
            let asked = session.deployment.record.of(Recipient::Provider);
            let by_browser = |it: &&Record| it.grant.is_some() && !it.mode.is_empty();
            let asked = asked.iter().find(by_browser);
            ensure!(asked.is_none(), "the browser asked for tokens: {asked:?}");
            Ok(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_script_finds_the_refresh_token_or_the_cookie_or_can_use_it() {
    let spec = mediated(Login::Development.token_lifetime(3));
    Scenario::new("mediated-probe", spec)
        .in_every_engine()
        .run(async |session| {
            look_everywhere(session).await?;
            let seen = session.run("return document.cookie;").await?;
            ensure!(seen == "", "a script reads {seen}");
            // A script of this origin sends the cookie and has no handle.
            let before = provider(session)?.counts().refreshes;
            for handle in ["x", "gateway"] {
                let form = format!(
                    "new URLSearchParams({{ grant_type: 'refresh_token', \
                     client_id: '{}', refresh_token: '{handle}' }})",
                    session.deployment.config.provider.client_id
                );
                let ask = format!("fetch('/oauth2/token', {{ method: 'POST', body: {form} }})");
                batch::begin(session, "theft", 1, &ask).await?;
                let counts = batch::outcome(session, "theft").await?;
                ensure!(counts.get("400") == Some(&1), "{counts:?}");
            }
            let refreshes = provider(session)?.counts().refreshes - before;
            ensure!(refreshes == 0, "a script had the session renewed");
            renew(session).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_on_the_device_survives_the_last_page() {
    let session = json!({ "keep": "on-device" });
    let spec = Login::Development.with_config("session", session);
    let spec = mediated(spec.token_lifetime(3));
    scenario("mediated-device", spec, async |session| {
        users::begin_work(session).await?;
        session.browser.driver.goto("about:blank").await?;
        session.browser.kill_worker().await?;
        until_over(session).await?;
        session.open("/#/experiments").await?;
        session.read("#user", ADMIN).await?;
        session.see(&["churn"]).await
    })
    .await;
}

/// `Secure` cookies of a site on this machine are Chromium's and Firefox's; `WebKit`
/// takes them from TLS alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_frame_in_another_site_has_a_session_of_its_own() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let spec = mediated(framed::spec_for(&embedder).token_lifetime(3));
    Scenario::new("mediated-frame", spec)
        .only_in(&[Engine::Chromium, Engine::Firefox])
        .in_every_engine()
        .run(async |session| {
            let sandbox = Sandbox::Absent;
            session
                .open_framed(&embedder, "/#/experiments", sandbox)
                .await?;
            let page = session.browser.tab().await?;
            framed::sign_in(session, &page).await?;
            session.enter_shell().await?;
            for _ in 0..2 {
                renew(session).await?;
            }
            Ok(())
        })
        .await;
}

/// Lets the token end, and has MLflow's page ask.
async fn renew(session: &BrowserSession) -> Result<()> {
    let before = granted(session)?;
    until_over(session).await?;
    let counts = batch::make(session, 5).await?;
    ensure!(counts == all_well(5), "{counts:?}");
    ensure!(granted(session)? > before, "nothing was renewed");
    Ok(())
}

/// The shell's cookies, as the browser's driver sees them; each is for no script.
async fn cookies(session: &BrowserSession) -> Result<Vec<String>> {
    let cookies = session.browser.driver.get_all_cookies().await?;
    let is_ours = |name: &str| name.starts_with("mlflow-shell-session-");
    let ours = cookies.into_iter().filter(|cookie| is_ours(&cookie.name));
    let names = ours.map(|cookie| {
        let is_hidden = cookie.http_only.context("an attribute")?;
        ensure!(is_hidden, "a script can read {}", cookie.name);
        Ok(cookie.name)
    });
    names.collect()
}
