//! Renewal: ahead of time, on demand, once for everyone.

use anyhow::{Context, Result, ensure};
use shell_idp::{Fault, Provider};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    record::{Recipient, Record},
    scenario::{Scenario, scenario},
    upstream::ECHO,
    wait,
};

use super::batch::{self, API, all_well};
use crate::users;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_the_moment_of_expiry_share_one_refresh() {
    let spec = Login::Development.token_lifetime(8).rotating(0);
    scenario("expiry", spec, async |session| {
        users::begin_work(session).await?;
        let (provider, refreshes) = (provider(session)?, granted(session)?);
        provider.faults().set(Fault::TokenHeld);
        until_over(session).await?;
        let mark = session.deployment.record.mark();

        batch::begin(session, "batch", 50, &batch::get(API)).await?;
        until_asked(provider, refreshes).await?;
        provider.faults().clear(Fault::TokenHeld);

        let counts = batch::outcome(session, "batch").await?;
        ensure!(counts == all_well(50), "{counts:?}");
        ensure!(granted(session)? == refreshes + 1, "not one refresh");
        let bearers = session.deployment.record.bearers_since(mark);
        ensure!(bearers == 1, "{bearers} tokens for 50 requests");
        refuse_reuse(session)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_is_followed_by_one_refresh_and_one_repetition_with_the_body() {
    const LARGE: usize = 50 * 1024 * 1024;
    Scenario::new("body-replay", Login::Development).in_every_engine().run(async |session| {
        users::begin_work(session).await?;
        let provider = provider(session)?;
        for size in [0, 11, LARGE] {
            let (mark, refreshes) = (session.deployment.record.mark(), granted(session)?);
            provider.faults().set(Fault::TokenHeld);
            session.deployment.refuse(true);
            let post = format!(
                "fetch('{ECHO}', {{ method: 'POST', body: 'x'.repeat({size}) }}).then(async (answer) => {{ \
                     const told = answer.ok ? await answer.json() : {{ length: 'none' }}; \
                     return {{ status: answer.status + '-' + told.length }}; }})"
            );
            batch::begin(session, "posts", 3, &post).await?;
            until_asked(provider, refreshes).await?;
            session.deployment.refuse(false);
            provider.faults().clear(Fault::TokenHeld);

            let counts = batch::outcome(session, "posts").await?;

            let expected = batch::StatusCounts::from([(format!("200-{size}"), 3)]);
            ensure!(counts == expected, "{counts:?}");
            ensure!(granted(session)? == refreshes + 1, "not one refresh");
            let posts = echoes(session, mark);
            ensure!(posts.len() <= 6, "{} requests for 3", posts.len());
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_everyone_is_not_asked_without_end() {
    scenario("refusing", Login::Development, async |session| {
        users::begin_work(session).await?;
        session.deployment.refuse(true);
        let (mark, refreshes) = (session.deployment.record.mark(), granted(session)?);

        let counts = batch::make(session, 50).await?;
        ensure!(counts.get("401") == Some(&50), "{counts:?}");
        let again = batch::make(session, 50).await?;
        ensure!(again.get("401") == Some(&50), "{again:?}");

        ensure!(granted(session)? == refreshes + 1, "not one refresh");
        let asked = session.deployment.record.since(mark);
        let asked = asked.iter().filter(|record| is_api(record)).count();
        ensure!(asked <= 150, "{asked} requests for 100");
        session.read(".notice", "does not accept").await?;

        session.deployment.refuse(false);
        let counts = batch::make(session, 5).await?;
        ensure!(counts == all_well(5), "{counts:?}");
        wait::until("no notice", async || {
            let notice = session.run("return document.querySelector('.notice').innerText;");
            Ok((notice.await?.as_str() == Some("")).then_some(()))
        })
        .await
    })
    .await;
}

/// The provider, which is the development one.
pub(crate) fn provider(session: &BrowserSession) -> Result<&Provider> {
    let provider = session.deployment.provider.as_ref();
    provider.context("it is the development provider")
}

/// How many refreshes the provider granted.
pub(crate) fn granted(session: &BrowserSession) -> Result<usize> {
    let refreshes = provider(session)?.refreshes();
    let granted = refreshes.iter().filter(|one| one.outcome.is_granted());
    Ok(granted.count())
}

/// Fails if a refresh token was used that had been replaced.
pub(crate) fn refuse_reuse(session: &BrowserSession) -> Result<()> {
    let refreshes = provider(session)?.refreshes();
    let reused = refreshes.iter().filter(|one| one.outcome.is_reuse());
    let reused = reused.count();
    ensure!(reused == 0, "{reused} of {} were reused", refreshes.len());
    Ok(())
}

/// Waits until no token the worker has can be valid any more.
pub(crate) async fn until_over(session: &BrowserSession) -> Result<()> {
    let provider = provider(session)?;
    let lifetime = provider.settings().token_lifetime;
    let issued = session.deployment.clock.now();
    wait::until("the token to end", async || {
        Ok((session.deployment.clock.now().since(issued) > lifetime).then_some(()))
    })
    .await
}

/// Waits until the provider was asked for one refresh more.
pub(crate) async fn until_asked(provider: &Provider, refreshes: usize) -> Result<()> {
    wait::until("a refresh to be asked for", async || {
        let asked = usize::try_from(provider.counts().refreshes)?;
        Ok((asked > refreshes).then_some(()))
    })
    .await
}

fn echoes(session: &BrowserSession, mark: usize) -> Vec<Record> {
    let mut records = session.deployment.record.since(mark);
    records.retain(|record| record.recipient == Recipient::Gateway && record.path == ECHO);
    records
}

fn is_api(record: &Record) -> bool {
    record.recipient == Recipient::Gateway && record.path.ends_with("get-by-name")
}
