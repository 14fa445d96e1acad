//! Returns from the hosted login that are not what they should be.

use anyhow::{Context, Result, ensure};
use shell_idp::Fault;
use shell_tests::{
    stage::{Stage, play},
    world::Login,
};

use crate::{
    people::{self, ADMIN},
    sign_in::{begin, callback},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_nobody_waits_for_is_refused() {
    play("callback", Login::Development, async |stage| {
        let query = begin(stage).await?;
        let state = state(&query)?;
        let table = [
            ("/callback?code=x&state=forged".to_owned(), "state-unknown"),
            ("/callback".to_owned(), "callback-incomplete"),
            ("/callback?code=x".to_owned(), "callback-incomplete"),
            (
                format!("/callback?error=access_denied&state={state}"),
                "provider",
            ),
        ];
        for (path, code) in table {
            fail(stage, &path, code).await?;
        }
        stage.read(".card h1", "Sign-in was declined").await?;
        stage.click("#sign-in").await?;
        stage.submit(ADMIN, shell_idp::DEVELOPMENT_PASSWORD).await?;
        stage.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_works_once() {
    play("replay", Login::Development, async |stage| {
        let query = begin(stage).await?;
        let path = callback(stage, &query).await?;
        stage.open(&path).await?;
        stage.read("#user", ADMIN).await?;

        fail(stage, &path, "state-unknown").await?;

        // And signs nobody out.
        stage.open("/#/experiments").await?;
        stage.read("#user", ADMIN).await?;
        people::sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_code_is_refused() {
    play("expired-code", Login::Development, async |stage| {
        let query = begin(stage).await?;
        let path = callback(stage, &query).await?;
        stage.world.clock.advance(10 * 60);
        fail(stage, &path, "code-refused").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_the_exchange_is_told_apart() {
    let table = [
        (Fault::TokenStatus(503), "provider-down"),
        (Fault::TokenStatus(429), "provider-down"),
        (Fault::TokenEmpty, "bad-tokens"),
        (Fault::TokenHtml, "bad-tokens"),
        (Fault::WrongNonce, "bad-tokens"),
        (Fault::WrongIssuer, "bad-tokens"),
    ];
    play("exchange", Login::Development, async |stage| {
        let provider = stage.world.provider.as_ref().context("it has faults")?;
        for (fault, code) in table {
            let query = begin(stage).await?;
            let path = callback(stage, &query).await?;
            provider.faults().set(fault);
            let failed = fail(stage, &path, code).await;
            provider.faults().clear_all();
            failed.with_context(|| format!("{fault:?}"))?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_goes_away_before_the_exchange_is_named() {
    play("exchange-down", Login::Development, async |stage| {
        let query = begin(stage).await?;
        let path = callback(stage, &query).await?;
        stage.world.login.stop();
        let failed = fail(stage, &path, "provider-down").await;
        stage.world.login.resume().await?;
        failed?;
        people::sign_in(stage).await
    })
    .await;
}

/// Only the server checks signatures, so it is the one to refuse.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_the_server_refuses_is_said_and_ends_in_no_loop() {
    play("refused-token", Login::Development, async |stage| {
        let provider = stage.world.provider.as_ref().context("it has faults")?;
        let query = begin(stage).await?;
        let path = callback(stage, &query).await?;
        let mark = stage.world.record.mark();
        provider.faults().set(Fault::UnknownKey);

        stage.open(&path).await?;
        let told = stage.read(".notice", "does not accept your sign-in").await;

        provider.faults().clear_all();
        told?;
        ensure!(stage.loads_since(mark) <= 2, "a loop");
        Ok(())
    })
    .await;
}

/// Opens `path`, waits for the code, and counts the loads on the way.
async fn fail(stage: &Stage, path: &str, code: &str) -> Result<()> {
    let mark = stage.world.record.mark();
    stage.open(path).await?;
    stage.be_told(code).await?;
    let address = stage.browser.driver.current_url().await?;
    ensure!(
        address.query().is_none(),
        "the address still says {address}"
    );
    let loads = stage.loads_since(mark);
    ensure!(loads <= 2, "{loads} loads at {code}");
    Ok(())
}

/// Reads the state in the query that the provider was sent.
pub(crate) fn state(query: &str) -> Result<String> {
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "state").then(|| value.into_owned()))
        .context("a state")
}
