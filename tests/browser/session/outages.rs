//! Provider or server down: the session goes on.

use anyhow::{Result, ensure};
use shell_idp::Fault;
use shell_tests::{
    browser_session::BrowserSession, deployment::Login, environment, scenario::scenario, wait,
};

use super::{
    batch::{self, all_well},
    renewal::{granted, provider, until_over},
};
use crate::users;

/// What a provider in trouble answers: one status and one body; core's
/// `oauth/token/tests.rs` has all of them.
const FAULTS: [Fault; 2] = [Fault::TokenStatus(503), Fault::TokenHtml];

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_in_trouble_is_waited_for_and_nobody_is_signed_out() {
    let spec = Login::Development.token_lifetime(3);
    scenario("provider-trouble", spec, async |session| {
        users::begin_work(session).await?;
        let mark = session.deployment.record.mark();
        for fault in FAULTS {
            provider(session)?.faults().set(fault);
            until_over(session).await?;
            batch::begin(session, "patient", 10, &batch::get(batch::API)).await?;
            session.read(".notice", "trying again").await?;
            provider(session)?.faults().clear_all();

            let counts = batch::outcome(session, "patient").await?;
            ensure!(counts == all_well(10), "{fault:?}: {counts:?}");
        }
        ensure!(session.loads_since(mark) == 0, "the page was loaded again");
        session.see(&["churn"]).await
    })
    .await;
}

/// A worker whose timers are over in a fifth of the time: the built one, with a few
/// words before.
pub(super) const HASTY: &str = "{ const later = self.setTimeout; \
     self.setTimeout = (act, wait, ...rest) => later(act, wait / 5, ...rest); }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_gone_is_asked_less_and_less_often() {
    let spec = Login::Development.token_lifetime(3).rotating(10);
    scenario("provider-gone", spec, async |session| {
        change_worker(session, HASTY)?;
        users::begin_work(session).await?;
        let mark = session.deployment.record.mark();
        session.deployment.login.stop();
        until_over(session).await?;

        batch::begin(session, "patient", 10, &batch::get(batch::API)).await?;
        session.read(".notice", "trying again").await?;
        // Longer than a request waits by itself.
        let counts = batch::outcome(session, "patient").await?;
        ensure!(counts.get("429") == Some(&10), "{counts:?}");

        session.deployment.login.resume().await?;
        let granted_before = granted(session)?;
        wait::until("answers again", async || {
            Ok((batch::make(session, 10).await? == all_well(10)).then_some(()))
        })
        .await?;
        ensure!(granted(session)? > granted_before, "nothing was renewed");
        ensure!(session.loads_since(mark) == 0, "the page was loaded again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_for_a_while_costs_no_session() {
    let spec = Login::Development.token_lifetime(3);
    scenario("server-gone", spec, async |session| {
        users::begin_work(session).await?;
        let mark = session.deployment.record.mark();
        session.deployment.upstream.stop();
        session.deployment.gateway.stop();
        until_over(session).await?;
        let counts = batch::make(session, 3).await?;
        ensure!(counts.get("failed") == Some(&3), "{counts:?}");

        session.deployment.upstream.resume().await?;
        session.deployment.gateway.resume().await?;

        wait::until("an answer", async || {
            Ok((batch::make(session, 3).await? == all_well(3)).then_some(()))
        })
        .await?;
        ensure!(session.loads_since(mark) == 0, "the page was loaded again");
        session.read("#user", users::ADMIN).await
    })
    .await;
}

/// A worker whose clock a page can set: the built one, with a few words before.
const SETTABLE_CLOCK: &str = "{ const real = Date.now; let ahead = 0; Date.now = () => real() + ahead; \
     self.addEventListener('message', (event) => { ahead = event.data?.ahead ?? ahead; }); }\n";

const DAY: i64 = 24 * 60 * 60 * 1000;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_by_a_day_neither_loops_nor_signs_out() {
    let spec = Login::Development.token_lifetime(60);
    scenario("clock", spec, async |session| {
        change_worker(session, SETTABLE_CLOCK)?;
        users::begin_work(session).await?;
        // A laptop that slept for a day, a clock that was set back by two.
        for ahead in [DAY, -DAY, 0] {
            let (mark, before) = (session.deployment.record.mark(), granted(session)?);
            let set =
                format!("navigator.serviceWorker.controller.postMessage({{ ahead: {ahead} }});");
            session.run(&set).await?;
            for _ in 0..3 {
                let counts = batch::make(session, 10).await?;
                ensure!(counts == all_well(10), "{ahead}: {counts:?}");
            }
            let refreshes = granted(session)? - before;
            ensure!(refreshes == 1, "{refreshes} refreshes after {ahead}");
            ensure!(session.loads_since(mark) == 0, "the page was loaded again");
        }
        session.read("#user", users::ADMIN).await
    })
    .await;
}

/// Puts `words` before the built worker.
pub(super) fn change_worker(session: &BrowserSession, words: &str) -> Result<()> {
    let worker = std::fs::read_to_string(environment::site().join("sw.js"))?;
    session
        .deployment
        .replace("/sw.js", &format!("{words}{worker}"));
    Ok(())
}
