//! Provider or server down: the session goes on.

use anyhow::ensure;
use shell_idp::Fault;
use shell_tests::{stage::play, wait, world::Login};

use super::{
    batch::{self, all_well},
    renewal::{granted, provider, until_over},
};
use crate::people;

/// What a provider in trouble answers.
const FAULTS: [Fault; 4] = [
    Fault::TokenStatus(429),
    Fault::TokenStatus(503),
    Fault::TokenEmpty,
    Fault::TokenHtml,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_in_trouble_is_waited_for_and_nobody_is_signed_out() {
    let plan = Login::Development.token_lifetime(3);
    play("provider-trouble", plan, async |stage| {
        people::begin_work(stage).await?;
        let mark = stage.world.record.mark();
        for fault in FAULTS {
            provider(stage)?.faults().set(fault);
            until_over(stage).await?;
            batch::begin(stage, "patient", 10, &batch::get(batch::API)).await?;
            stage.read(".notice", "trying again").await?;
            provider(stage)?.faults().clear_all();

            let tally = batch::outcome(stage, "patient").await?;
            ensure!(tally == all_well(10), "{fault:?}: {tally:?}");
        }
        ensure!(stage.loads_since(mark) == 0, "the page was loaded again");
        stage.see(&["churn"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_gone_is_asked_less_and_less_often() {
    let plan = Login::Development.token_lifetime(3).rotating(10);
    play("provider-gone", plan, async |stage| {
        people::begin_work(stage).await?;
        let mark = stage.world.record.mark();
        stage.world.login.stop();
        until_over(stage).await?;

        batch::begin(stage, "patient", 10, &batch::get(batch::API)).await?;
        stage.read(".notice", "trying again").await?;
        // Longer than a request waits by itself.
        let tally = batch::outcome(stage, "patient").await?;
        ensure!(tally.get("429") == Some(&10), "{tally:?}");

        stage.world.login.resume().await?;
        let granted_before = granted(stage)?;
        wait::until("answers again", async || {
            Ok((batch::make(stage, 10).await? == all_well(10)).then_some(()))
        })
        .await?;
        ensure!(granted(stage)? > granted_before, "nothing was renewed");
        ensure!(stage.loads_since(mark) == 0, "the page was loaded again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_for_a_while_costs_no_session() {
    let plan = Login::Development.token_lifetime(3);
    play("server-gone", plan, async |stage| {
        people::begin_work(stage).await?;
        let mark = stage.world.record.mark();
        stage.world.upstream.stop();
        stage.world.gateway.stop();
        until_over(stage).await?;
        let tally = batch::make(stage, 3).await?;
        ensure!(tally.get("failed") == Some(&3), "{tally:?}");

        stage.world.upstream.resume().await?;
        stage.world.gateway.resume().await?;

        wait::until("an answer", async || {
            Ok((batch::make(stage, 3).await? == all_well(3)).then_some(()))
        })
        .await?;
        ensure!(stage.loads_since(mark) == 0, "the page was loaded again");
        stage.read("#user", people::ADMIN).await
    })
    .await;
}

/// A worker whose clock a page can set: the built one, with a few words before.
const SETTABLE_CLOCK: &str = "{ const real = Date.now; let ahead = 0; Date.now = () => real() + ahead; \
     self.addEventListener('message', (event) => { ahead = event.data?.ahead ?? ahead; }); }\n";

const DAY: i64 = 24 * 60 * 60 * 1000;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_by_a_day_neither_loops_nor_signs_out() {
    let plan = Login::Development.token_lifetime(60);
    play("clock", plan, async |stage| {
        let site = shell_tests::environment::site();
        let worker = std::fs::read_to_string(site.join("sw.js"))?;
        stage
            .world
            .replace("/sw.js", &format!("{SETTABLE_CLOCK}{worker}"));
        people::begin_work(stage).await?;
        // A laptop that slept for a day, a clock that was set back by two.
        for ahead in [DAY, -DAY, 0] {
            let (mark, before) = (stage.world.record.mark(), granted(stage)?);
            let set =
                format!("navigator.serviceWorker.controller.postMessage({{ ahead: {ahead} }});");
            stage.run(&set).await?;
            for _ in 0..3 {
                let tally = batch::make(stage, 10).await?;
                ensure!(tally == all_well(10), "{ahead}: {tally:?}");
            }
            let refreshes = granted(stage)? - before;
            ensure!(refreshes == 1, "{refreshes} refreshes after {ahead}");
            ensure!(stage.loads_since(mark) == 0, "the page was loaded again");
        }
        stage.read("#user", people::ADMIN).await
    })
    .await;
}
