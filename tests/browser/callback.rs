//! Returns from the hosted login that are not what they should be.

use anyhow::{Context, Result, ensure};
use axum::{body::Body, http::Request};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use shell_core::{
    Entropy,
    oauth::{
        Response,
        authorization::{Callback, Draws, Transaction},
        token,
    },
    pkce,
};
use shell_idp::Fault;
use shell_tests::{browser_session::BrowserSession, client, deployment::Login, scenario::scenario};

use crate::{
    sign_in::{begin, callback},
    users::{self, ADMIN},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_nobody_waits_for_is_refused() {
    scenario("callback", Login::Development, async |session| {
        let query = begin(session).await?;
        let state = state(&query)?;
        let table = [
            ("/callback?code=x&state=forged".to_owned(), "state-unknown"),
            // This site offers no sign-in to terminals.
            (
                "/callback?code=x&state=terminal.forged".to_owned(),
                "state-unknown",
            ),
            ("/callback".to_owned(), "callback-incomplete"),
            ("/callback?code=x".to_owned(), "callback-incomplete"),
            (
                format!("/callback?error=access_denied&state={state}"),
                "provider",
            ),
        ];
        for (path, code) in table {
            fail(session, &path, code).await?;
        }
        session.read(".card h1", "Sign-in was declined").await?;
        session.click("#sign-in").await?;
        session
            .submit(ADMIN, shell_idp::DEVELOPMENT_PASSWORD)
            .await?;
        session.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_works_once() {
    scenario("callback-replay", Login::Development, async |session| {
        let query = begin(session).await?;
        let path = callback(session, &query).await?;
        session.open(&path).await?;
        session.read("#user", ADMIN).await?;

        fail(session, &path, "state-unknown").await?;

        // And signs no user out.
        session.open("/#/experiments").await?;
        session.read("#user", ADMIN).await?;
        users::sign_out(session).await
    })
    .await;
}

/// What the terminal does is done by `core` here; `crates/cli/tests` have the program.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminals_code_is_shown_to_be_copied_and_leaves_the_address() {
    let python = json!({ "access": "token", "sign_in": {} });
    let spec = Login::Development.with_config("python", python);
    scenario("terminal-code", spec, async |session| {
        let config = &session.deployment.config;
        let now = session.deployment.clock.now();
        let draws = Draws {
            state: Entropy([1; 32]),
            nonce: Entropy([2; 32]),
            verifier: Entropy([3; 32]),
        };
        let terminal = Transaction::begin_in_terminal(draws, now);
        let digest = BASE64_URL_SAFE_NO_PAD.decode(pkce::challenge(terminal.verifier()))?;
        let digest = digest.try_into().ok().context("a digest")?;
        let url = terminal.url(config, digest);
        let (_, query) = url.split_once('?').context("a query")?;
        let path = callback(session, query).await?;

        session.open(&path).await?;
        session.read(".card h1", "Code for your terminal").await?;
        session
            .read(".card", "in which you began this sign-in yourself")
            .await?;
        let address = session.browser.driver.current_url().await?;
        ensure!(
            address.path() == "/" && address.query().is_none(),
            "{address}"
        );
        let code = session
            .run("return document.querySelector('.card pre').innerText;")
            .await?;

        let returned = Callback::parse(code.as_str().unwrap_or_default(), "")?;
        let redemption = returned.accept(Some(terminal), config, now)?;
        let (form, pending) = token::exchange(redemption, config);
        let request = Request::post(&form.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.body))?;
        let answer = client::send(request).await?;
        let (status, body) = (answer.status.as_u16(), answer.text());
        let response = Response {
            status,
            body: &body,
        };
        let grant = token::accept(response, &pending, config, now)?;
        ensure!(grant.user.name == ADMIN, "{}", grant.user.name);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_code_is_refused() {
    scenario("expired-code", Login::Development, async |session| {
        let query = begin(session).await?;
        let path = callback(session, &query).await?;
        session.deployment.clock.advance(10 * 60);
        fail(session, &path, "code-refused").await
    })
    .await;
}

/// One of each kind; all of them are told apart in core, `oauth/token/tests.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_the_exchange_is_told_apart() {
    let table = [
        (Fault::TokenStatus(503), "provider-down"),
        (Fault::WrongNonce, "bad-tokens"),
    ];
    scenario("exchange", Login::Development, async |session| {
        let provider = session
            .deployment
            .provider
            .as_ref()
            .context("it has faults")?;
        for (fault, code) in table {
            let query = begin(session).await?;
            let path = callback(session, &query).await?;
            provider.faults().set(fault);
            let failed = fail(session, &path, code).await;
            provider.faults().clear_all();
            failed.with_context(|| format!("{fault:?}"))?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_goes_away_before_the_exchange_is_named() {
    scenario("exchange-down", Login::Development, async |session| {
        let query = begin(session).await?;
        let path = callback(session, &query).await?;
        session.deployment.login.stop();
        let failed = fail(session, &path, "provider-down").await;
        session.deployment.login.resume().await?;
        failed?;
        users::sign_in(session).await
    })
    .await;
}

/// Only the server checks signatures, so it is the one to refuse.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_the_server_refuses_is_said_and_ends_in_no_loop() {
    scenario("refused-token", Login::Development, async |session| {
        let provider = session
            .deployment
            .provider
            .as_ref()
            .context("it has faults")?;
        let query = begin(session).await?;
        let path = callback(session, &query).await?;
        let mark = session.deployment.record.mark();
        provider.faults().set(Fault::UnknownKey);

        session.open(&path).await?;
        let told = session
            .read(".notice", "does not accept your sign-in")
            .await;

        provider.faults().clear_all();
        told?;
        ensure!(session.loads_since(mark) <= 2, "a loop");
        Ok(())
    })
    .await;
}

/// Opens `path`, waits for the code, and counts the loads on the way.
async fn fail(session: &BrowserSession, path: &str, code: &str) -> Result<()> {
    let mark = session.deployment.record.mark();
    session.open(path).await?;
    session.be_told(code).await?;
    let address = session.browser.driver.current_url().await?;
    ensure!(
        address.query().is_none(),
        "the address still says {address}"
    );
    let loads = session.loads_since(mark);
    ensure!(loads <= 2, "{loads} loads at {code}");
    Ok(())
}

/// Reads the state in the query that the provider was sent.
pub(crate) fn state(query: &str) -> Result<String> {
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "state").then(|| value.into_owned()))
        .context("a state")
}
