//! Renewal: ahead of time, on demand, once for everyone.

use anyhow::{Context, Result, ensure};
use shell_idp::{Fault, Provider};
use shell_tests::{
    record::{Place, Record},
    stage::{Stage, play},
    upstream::ECHO,
    wait,
    world::Login,
};

use super::batch::{self, API, all_well};
use crate::people;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_the_moment_of_expiry_share_one_refresh() {
    let plan = Login::Development.token_lifetime(8).rotating(0);
    play("expiry", plan, async |stage| {
        people::begin_work(stage).await?;
        let (provider, refreshes) = (provider(stage)?, granted(stage)?);
        provider.faults().set(Fault::TokenHeld);
        until_over(stage).await?;
        let mark = stage.world.record.mark();

        batch::begin(stage, "batch", 50, &batch::get(API)).await?;
        until_asked(provider, refreshes).await?;
        provider.faults().clear(Fault::TokenHeld);

        let tally = batch::outcome(stage, "batch").await?;
        ensure!(tally == all_well(50), "{tally:?}");
        ensure!(granted(stage)? == refreshes + 1, "not one refresh");
        let bearers = stage.world.record.bearers_since(mark);
        ensure!(bearers == 1, "{bearers} tokens for 50 requests");
        refuse_reuse(stage)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_is_followed_by_one_refresh_and_one_repetition_with_the_body() {
    const LARGE: usize = 50 * 1024 * 1024;
    play("replay", Login::Development, async |stage| {
        people::begin_work(stage).await?;
        let provider = provider(stage)?;
        for size in [0, 11, LARGE] {
            let (mark, refreshes) = (stage.world.record.mark(), granted(stage)?);
            provider.faults().set(Fault::TokenHeld);
            stage.world.refuse(true);
            let post = format!(
                "fetch('{ECHO}', {{ method: 'POST', body: 'x'.repeat({size}) }}).then(async (answer) => {{ \
                     const told = answer.ok ? await answer.json() : {{ length: 'none' }}; \
                     return {{ status: answer.status + '-' + told.length }}; }})"
            );
            batch::begin(stage, "posts", 3, &post).await?;
            until_asked(provider, refreshes).await?;
            stage.world.refuse(false);
            provider.faults().clear(Fault::TokenHeld);

            let tally = batch::outcome(stage, "posts").await?;

            let expected = batch::Tally::from([(format!("200-{size}"), 3)]);
            ensure!(tally == expected, "{tally:?}");
            ensure!(granted(stage)? == refreshes + 1, "not one refresh");
            let posts = echoes(stage, mark);
            ensure!(posts.len() <= 6, "{} requests for 3", posts.len());
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_everyone_is_not_asked_without_end() {
    play("refusing", Login::Development, async |stage| {
        people::begin_work(stage).await?;
        stage.world.refuse(true);
        let (mark, refreshes) = (stage.world.record.mark(), granted(stage)?);

        let tally = batch::make(stage, 50).await?;
        ensure!(tally.get("401") == Some(&50), "{tally:?}");
        let again = batch::make(stage, 50).await?;
        ensure!(again.get("401") == Some(&50), "{again:?}");

        ensure!(granted(stage)? == refreshes + 1, "not one refresh");
        let asked = stage.world.record.since(mark);
        let asked = asked.iter().filter(|record| is_api(record)).count();
        ensure!(asked <= 150, "{asked} requests for 100");
        stage.read(".notice", "does not accept").await?;

        stage.world.refuse(false);
        let tally = batch::make(stage, 5).await?;
        ensure!(tally == all_well(5), "{tally:?}");
        wait::until("no notice", async || {
            let notice = stage.run("return document.querySelector('.notice').innerText;");
            Ok((notice.await?.as_str() == Some("")).then_some(()))
        })
        .await
    })
    .await;
}

/// The provider, which is the development one.
pub(crate) fn provider(stage: &Stage) -> Result<&Provider> {
    let provider = stage.world.provider.as_ref();
    provider.context("it is the development provider")
}

/// How many refreshes the provider granted.
pub(crate) fn granted(stage: &Stage) -> Result<usize> {
    let refreshes = provider(stage)?.refreshes();
    let granted = refreshes.iter().filter(|one| one.outcome.is_granted());
    Ok(granted.count())
}

/// Fails if a refresh token was used that had been replaced.
pub(crate) fn refuse_reuse(stage: &Stage) -> Result<()> {
    let refreshes = provider(stage)?.refreshes();
    let reused = refreshes.iter().filter(|one| one.outcome.is_reuse());
    let reused = reused.count();
    ensure!(reused == 0, "{reused} of {} were reused", refreshes.len());
    Ok(())
}

/// Waits until no token the worker has can be valid any more.
pub(crate) async fn until_over(stage: &Stage) -> Result<()> {
    let provider = provider(stage)?;
    let lifetime = provider.settings().token_lifetime;
    let issued = stage.world.clock.now();
    wait::until("the token to end", async || {
        Ok((stage.world.clock.now().since(issued) > lifetime).then_some(()))
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

fn echoes(stage: &Stage, mark: usize) -> Vec<Record> {
    let mut records = stage.world.record.since(mark);
    records.retain(|record| record.place == Place::Gateway && record.path == ECHO);
    records
}

fn is_api(record: &Record) -> bool {
    record.place == Place::Gateway && record.path.ends_with("get-by-name")
}
