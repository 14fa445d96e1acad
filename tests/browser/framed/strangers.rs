//! Who is not to be believed, and who may not frame the shell.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shell_core::{
    popup::{PopupMessage, Return},
    protocol::Message,
};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    embedder::{Embedder, Sandbox},
    record::Recipient,
    scenario::{Scenario, scenario},
};

use super::{framed, open_relay};

/// What a page that wants to sign people in as somebody else would say.
fn forgery(state: &str) -> Result<String> {
    let query = format!("code=forged&state={state}");
    let returned = Return::read(&query).context("a return")?;
    Ok(PopupMessage::Returned(returned).write())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_from_elsewhere_or_for_another_sign_in_changes_nothing() {
    let (embedder, spec) = framed().await;
    scenario("forged", spec, async |session| {
        session
            .open_framed(&embedder, "/#/experiments", Sandbox::Absent)
            .await?;
        let page = session.browser.tab().await?;
        let relay = open_relay(session).await?;
        let state = state_of_the_errand(session).await?;

        // The right window, about another sign-in.
        let say = |text: &str| {
            let text = Value::from(text);
            format!("window.opener.postMessage({text}, '*');")
        };
        session.run(&say(&forgery("another")?)).await?;
        // The right sign-in, in another version of what windows say.
        let other_version = forgery(&state)?.replacen(char::is_numeric, "0", 1);
        session.run(&say(&other_version)).await?;
        session.run(&say("nonsense")).await?;
        session.browser.switch_to(&page).await?;

        // The right sign-in, from another origin: the page around the shell.
        let frame = Value::from(Embedder::FRAME);
        let text = Value::from(forgery(&state)?);
        let script =
            format!("document.querySelector({frame}).contentWindow.postMessage({text}, '*');");
        session.run_outside(&script).await?;
        // The right origin, another window: the page itself.
        session
            .run(&format!("window.postMessage({text}, '*');"))
            .await?;

        session.status_of("/config.json").await?;
        session
            .read(".card h1", "Sign in in the other window")
            .await?;
        let asked = session.deployment.record.since(session.begin);
        let exchanged = asked.iter().any(|record| {
            record.recipient == Recipient::Provider && record.path == "/oauth2/token"
        });
        ensure!(!exchanged, "a forged return was believed");

        // And the sign-in goes on as if nothing had happened.
        session.browser.switch_to(&relay).await?;
        let login = super::open_login(session).await?;
        session
            .submit(crate::users::ADMIN, shell_idp::DEVELOPMENT_PASSWORD)
            .await?;
        session.browser.see_closed(&login, &page).await?;
        session.read("#user", crate::users::ADMIN).await
    })
    .await;
}

/// Reads in the relay, where the note of the errand is.
async fn state_of_the_errand(session: &BrowserSession) -> Result<String> {
    let script = "return Object.keys(localStorage).find((key) => \
         key.startsWith('mlflow-auth-shell:errand:'))?.split(':').pop() ?? '';";
    let found = session.run(script).await?;
    let found = found.as_str().unwrap_or_default().to_owned();
    ensure!(!found.is_empty(), "the relay has no note of its errand");
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_nobody_of_ours_opened_leads_nowhere() {
    scenario("stray-relay", Login::Development, async |session| {
        session.open("/relay").await?;
        session.be_told("no-opener").await?;

        // A code for a sign-in that this browser knows nothing of.
        session.open("/callback?code=stolen&state=unknown").await?;
        session.be_told("state-unknown").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_not_listed_does_not_get_to_show_the_shell() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    Scenario::new("unlisted", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session
                .open_framed(&embedder, "/#/experiments", Sandbox::Absent)
                .await?;

            shell_tests::wait::until("the document to be asked for", async || {
                let asked = session.deployment.record.since(session.begin);
                let asked = asked
                    .iter()
                    .any(|record| record.path == "/" && record.status.is_some());
                Ok(asked.then_some(()))
            })
            .await?;
            let asked = session.deployment.record.since(session.begin);
            ensure!(
                asked
                    .iter()
                    .all(|record| record.path == "/" || record.path.starts_with("/favicon")),
                "the shell was started in a site that is not listed"
            );
            Ok(())
        })
        .await;
}
