//! What is done with each provider.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use shell_tests::{
    browser_session::BrowserSession, driver::Engine, environment, scenario::Scenario, wait,
};

use crate::{provider::Provider, report::step};

/// A cheap question to MLflow.
const API: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/get-by-name?experiment_name=churn";

/// Signs in as a user in one group, looks, has the deployment checked, and leaves.
pub(crate) async fn one_group(provider: Option<Provider>) {
    play(provider, "one-group", async |provider, session| {
        let name = provider.name;
        let [user, _] = provider.users();
        step(name, "sign-in", async || {
            session.open("/#/experiments").await?;
            session.click("#sign-in").await?;
            provider.fill_in(session, user).await?;
            session.read(".groups", "readers").await?;
            Ok("yes")
        })
        .await?;
        step(name, "list", async || {
            look(session).await?;
            Ok("yes")
        })
        .await?;
        step(name, "one group", async || {
            let shown = session.run("return document.querySelector('.groups').innerText;");
            let shown = shown.await?;
            ensure!(!shown.to_string().contains("admins"), "{shown}");
            Ok("yes")
        })
        .await?;
        // What follows does not need it.
        let smoke = step(name, "smoke", async || {
            smoke(session)?;
            Ok("yes")
        })
        .await;
        step(name, "sign-out", async || {
            provider.sign_out(session).await?;
            session.click("#sign-in").await?;
            provider.begin_again(session).await
        })
        .await?;
        smoke
    })
    .await;
}

/// Signs in as a user in several groups, works longer than a token lives, and has
/// the session removed at the provider.
pub(crate) async fn several_groups(provider: Option<Provider>) {
    play(provider, "several-groups", async |provider, session| {
        let name = provider.name;
        let [_, user] = provider.users();
        step(name, "several groups", async || {
            session.open("/#/experiments").await?;
            session.click("#sign-in").await?;
            provider.fill_in(session, user).await?;
            session.read(".groups", "admins").await?;
            session.read(".groups", "readers").await?;
            look(session).await?;
            Ok("yes")
        })
        .await?;
        step(name, "two renewals", async || {
            renew_twice(session).await?;
            Ok("yes")
        })
        .await?;
        step(name, "removed session", async || {
            provider.program.remove_sessions()?;
            // A request waits for the next sign-in once the session has ended.
            let ask = format!("window.fetch('{API}').catch(() => null);");
            wait::until("the end of the session", async || {
                session.run(&ask).await?;
                let cover = "return document.querySelector('.cover h1')?.innerText ?? '';";
                let shown = session.run(cover).await?;
                Ok((shown == "Your session ended").then_some(()))
            })
            .await?;
            Ok("yes")
        })
        .await
    })
    .await;
}

async fn play(
    provider: Option<Provider>,
    name: &str,
    steps: impl AsyncFn(&Provider, &BrowserSession) -> Result<()>,
) {
    let Some(provider) = provider else {
        return;
    };
    Scenario::new(format!("{}-{name}", provider.name), provider.spec())
        .only_in(&[Engine::Chromium])
        .run(async |session| steps(&provider, session).await)
        .await;
}

/// MLflow's page has what its API answers with the user's bearer.
async fn look(session: &BrowserSession) -> Result<()> {
    session.see(&["churn", "forecast", "images"]).await?;
    let status = session.status_of(API).await?;
    ensure!(status == 200, "MLflow's API answers {status}");
    Ok(())
}

async fn renew_twice(session: &BrowserSession) -> Result<()> {
    let record = &session.deployment.record;
    let mark = record.mark();
    wait::until("two renewals", async || {
        let status = session.status_of(API).await?;
        ensure!(status == 200, "MLflow's API answers {status}");
        Ok((record.refreshes_since(mark).len() >= 2).then_some(()))
    })
    .await?;
    look(session).await
}

/// The released program, as an administrator runs it.
fn smoke(session: &BrowserSession) -> Result<()> {
    let program = environment::program("SHELL_TEST_GATEWAY", "smoke");
    let program = program.context("the gateway is built")?;
    let output = Command::new(program)
        .args(["smoke", "--url", &session.deployment.origin])
        .output()?;
    let shown = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "smoke says:\n{shown}");
    Ok(())
}
