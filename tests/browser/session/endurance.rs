//! Someone works in two tabs while tokens last five seconds.
//!
//! In the ordinary run for a short while; `cargo xtask test endurance` does it
//! for ten minutes, and stops the worker a hundred times.

use std::{
    cell::Cell,
    env,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    driver::{Engine, Options, Tab},
    environment::{self, Demo},
    peer::Peer,
    record::Record,
    scenario::{Scenario, scenario},
    wait,
};

use super::survival::exchanges;
use crate::{users, work};

/// How long tokens last, in seconds.
const LIFETIME: u64 = 5;

/// Asks MLflow all the time and counts what goes wrong. A request that is told
/// to come back (429) is asked again, as MLflow itself does it.
const ASK_ALL_THE_TIME: &str = "const told = document.documentElement.dataset; told.asked = 0; told.failed = ''; \
     const ask = (left) => window.fetch('PATH').then((answer) => \
         answer.status === 429 && left ? ask(left - 1) : answer.status, (error) => String(error)); \
     setInterval(() => { const begun = Date.now(); ask(7).then((status) => { \
         told.asked = Number(told.asked) + 1; \
         if (status !== 200) told.failed += ` ${status} (${begun} to ${Date.now()})`; }); }, 400);";

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_work_while_tokens_end_and_refresh_tokens_rotate_at_once() {
    work_with_grace("two-tabs", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_work_with_a_grace_period_as_well() {
    work_with_grace("two-tabs-grace", 10).await;
}

async fn work_with_grace(name: &'static str, grace: u64) {
    let spec = Login::Development.token_lifetime(LIFETIME).rotating(grace);
    scenario(name, spec, async |session| {
        let used = work_in_two_tabs(
            session,
            users::ADMIN,
            DEVELOPMENT_PASSWORD,
            async |_| Ok(()),
        )
        .await?;
        super::renewal::refuse_reuse(session)?;
        used.refuse_waste()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_work_with_a_provider_that_punishes_reuse() {
    let Some(folder) = environment::peer() else {
        return;
    };
    let spec = Login::Independent(folder)
        .token_lifetime(LIFETIME)
        .rotating(0);
    scenario("two-tabs-peer", spec, async |session| {
        let used = work_in_two_tabs(session, Peer::USER, Peer::PASSWORD, async |_| Ok(())).await?;
        used.refuse_waste()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the count is what is to be shown")]
async fn two_tabs_work_while_their_worker_is_stopped_again_and_again() {
    let spec: DeploymentSpec = Login::Development.token_lifetime(LIFETIME).rotating(10);
    let options = Options {
        worker_dies_when_idle: true,
        ..Options::default()
    };
    Scenario::new("two-tabs-stopped", spec)
        .in_every_engine()
        .only_in(&[Engine::Chromium, Engine::Firefox])
        .with(options)
        .run(async |session| {
            let killer = Killer::new();
            let strike = async |session: &BrowserSession| killer.strike(session).await;
            let before = exchanges(session)?;
            let used =
                work_in_two_tabs(session, users::ADMIN, DEVELOPMENT_PASSWORD, strike).await?;
            let kills = killer.kills.get();
            println!("{}: stopped {kills} times", session.engine);
            ensure!(exchanges(session)? == before + 1, "another sign-in");
            used.refuse_more_than_one_each(kills)
        })
        .await;
}

/// Pauses between two kills, in milliseconds: a request that Chromium has begun
/// anew once after a kill is given up after the next.
const PAUSES: [u64; 5] = [4_000, 7_000, 5_500, 6_500, 5_000];

/// When the worker is stopped next, and how often it was.
struct Killer {
    next: Cell<Instant>,
    kills: Cell<usize>,
}

impl Killer {
    fn new() -> Self {
        Self {
            next: Cell::new(Instant::now()),
            kills: Cell::new(0),
        }
    }

    /// Firefox stops it by itself whenever nothing has happened for a moment.
    async fn strike(&self, session: &BrowserSession) -> Result<()> {
        if session.engine != Engine::Chromium || Instant::now() < self.next.get() {
            return Ok(());
        }
        session.browser.kill_worker().await?;
        let pause = PAUSES[self.kills.get() % PAUSES.len()];
        self.next.set(Instant::now() + Duration::from_millis(pause));
        self.kills.set(self.kills.get() + 1);
        Ok(())
    }
}

/// What was seen of the session.
struct Used {
    refreshes: Vec<Record>,
    elapsed: Duration,
}

impl Used {
    /// Fails if a token was replaced before its last part had begun.
    fn refuse_waste(&self) -> Result<()> {
        // The last fifth is for the renewal, and clocks count whole seconds.
        let least = 2.9;
        let times = self.refreshes.iter().map(|record| record.at.as_secs_f64());
        let times: Vec<f64> = times.collect();
        for pair in times.windows(2) {
            ensure!(pair[1] - pair[0] >= least, "two refreshes in {pair:?}");
        }
        Ok(())
    }

    /// Fails if there were more than the tokens' life asks for, and one for each
    /// worker that was stopped before it could store what it was given.
    fn refuse_more_than_one_each(&self, kills: usize) -> Result<()> {
        let least = LIFETIME - 2;
        let due = usize::try_from(self.elapsed.as_secs() / least)?;
        let refreshes = self.refreshes.len();
        ensure!(refreshes <= due + kills + 1, "{refreshes} refreshes");
        Ok(())
    }
}

async fn work_in_two_tabs(
    session: &BrowserSession,
    user: &str,
    password: &str,
    disturb: impl AsyncFn(&BrowserSession) -> Result<()>,
) -> Result<Used> {
    let demo = environment::demo();
    session.open("/#/experiments").await?;
    session.sign_in(user, password).await?;
    session.see(&["churn"]).await?;
    let first = session.browser.tab().await?;
    let second = session.open_tab("/#/models").await?;
    session.read("#user", user).await?;
    for tab in [&first, &second] {
        session.browser.switch_to(tab).await?;
        session.see(&[]).await?;
        session
            .run(&ASK_ALL_THE_TIME.replace("PATH", users::API))
            .await?;
    }

    let mark = session.deployment.record.mark();
    let begun = Instant::now();
    while begun.elapsed() < length() {
        for tab in [&first, &second] {
            session.browser.switch_to(tab).await?;
            look_around(session, &demo, &disturb).await?;
        }
    }
    for tab in [&first, &second] {
        refuse_failures(session, tab).await?;
    }
    let loads = session.loads_since(mark);
    ensure!(loads == 0, "{loads} reloads");
    let refreshes = session.deployment.record.refreshes_since(mark);
    ensure!(!refreshes.is_empty(), "nothing was renewed");
    let elapsed = begun.elapsed();
    Ok(Used { refreshes, elapsed })
}

async fn look_around(
    session: &BrowserSession,
    demo: &Demo,
    disturb: &impl AsyncFn(&BrowserSession) -> Result<()>,
) -> Result<()> {
    let places = [
        ("#/experiments".to_owned(), "churn"),
        (work::run(demo), "learning_rate"),
        (work::model(demo), "Attempt number 2."),
    ];
    for (route, text) in places {
        disturb(session).await?;
        // WebKit's driver loads a pasted address anew, whatever has changed.
        session.run(&format!("location.hash = '{route}';")).await?;
        see(session, text).await?;
    }
    Ok(())
}

/// What MLflow shows in place of a part of its page that failed.
const BROKEN: &str = "An error occurred while rendering this component";

/// As [`BrowserSession::see`], but if a part of MLflow's page has failed, which 3.18.0
/// does now and then after minutes of routes, only the frame is loaded again.
#[expect(clippy::print_stdout, reason = "a reader of the log must see it")]
async fn see(session: &BrowserSession, text: &str) -> Result<()> {
    wait::until(&format!("{text} in the frame"), async || {
        let shown = session.frame_text().await?;
        if shown.contains(BROKEN) {
            println!("{}: MLflow says {BROKEN:?}", session.engine);
            session
                .run("document.querySelector('#mlflow').contentWindow.location.reload();")
                .await?;
        }
        Ok(shown.contains(text).then_some(()))
    })
    .await
}

#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
async fn refuse_failures(session: &BrowserSession, tab: &Tab) -> Result<()> {
    session.browser.switch_to(tab).await?;
    let told = session
        .run("const told = document.documentElement.dataset; return [told.asked, told.failed];")
        .await?;
    let failed = told[1].as_str().context("a text")?;
    println!("{}: {} requests, failed:{failed}", session.engine, told[0]);
    ensure!(failed.is_empty(), "requests failed:{failed}");
    Ok(())
}

/// How long the work goes on.
fn length() -> Duration {
    let minutes = env::var("SHELL_TEST_MINUTES").ok();
    let minutes = minutes.and_then(|minutes| minutes.parse::<u64>().ok());
    Duration::from_secs(minutes.map_or(12, |minutes| minutes * 60))
}
