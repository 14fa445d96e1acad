//! A new build, a build that speaks otherwise, and starting all over.

use anyhow::{Result, ensure};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    environment,
    scenario::{Scenario, scenario},
    upstream::SLOW,
    wait,
};

use super::batch::{self, all_well};
use crate::users::{self, ADMIN};

/// Makes a worker answer in another version of what pages and worker say.
const OTHERWISE: &str = "{ const say = MessagePort.prototype.postMessage; \
     MessagePort.prototype.postMessage = function ([text, key]) { \
         say.call(this, [text.replace(/^.[0-9]+/, '[0'), key]); }; }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_worker_takes_over_when_nothing_streams_and_nothing_is_lost() {
    Scenario::new("update", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session.deployment.restore();
            users::begin_work(session).await?;
            let mark = session.deployment.record.mark();
            let read = format!(
                "fetch('{SLOW}?seconds=20').then(async (answer) => ({{ \
                 status: (await answer.text()).length }}))"
            );
            batch::begin(session, "streaming", 1, &read).await?;

            deploy(session, &format!("{}\n// another build", worker()?)).await?;
            wait_for_worker(session, "waiting").await?;
            let counts = batch::outcome(session, "streaming").await?;
            ensure!(
                counts == batch::StatusCounts::from([("40".into(), 1)]),
                "{counts:?}"
            );

            wait_for_worker(session, "active").await?;
            let counts = batch::make(session, 10).await?;
            ensure!(counts == all_well(10), "{counts:?}");
            ensure!(session.loads_since(mark) == 0, "the page was loaded again");
            session.read("#user", ADMIN).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_old_build_are_loaded_once_more_and_stay_signed_in() {
    scenario("old-page", Login::Development, async |session| {
        session.deployment.restore();
        users::begin_work(session).await?;
        let mark = session.deployment.record.mark();

        // A worker that speaks otherwise. The page that comes with it would
        // too; this one does not, so it says what is wrong and stays.
        deploy(session, &format!("{OTHERWISE}{}", worker()?)).await?;
        session.be_told("version").await?;
        ensure!(session.loads_since(mark) == 1, "not one load");

        // Back to a worker of the page's own build: nothing was lost.
        deploy(session, &format!("{}\n// back", worker()?)).await?;
        session.read("#user", ADMIN).await?;
        session.see(&["churn"]).await?;
        ensure!(session.loads_since(mark) == 1, "loaded again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_makes_the_browser_forget_everything() {
    scenario("reset", Login::Development, async |session| {
        session.deployment.restore();
        users::begin_work(session).await?;

        // Any site can lead a browser there.
        session.open("/?reset").await?;
        session
            .read(".card h1", "Begin anew in this browser?")
            .await?;
        session.click("#start-page").await?;
        session.read("#user", ADMIN).await?;
        users::begin_anew(session).await?;

        let status = session.status_of(users::API).await?;
        ensure!(status == 401, "{status}");
        // The provider still remembers who signed in.
        session.click("#sign-in").await?;
        session.read("#user", ADMIN).await?;
        session.see(&["churn"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kill_switch_removes_the_worker() {
    Scenario::new("kill-switch", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session.deployment.restore();
            users::begin_work(session).await?;
            let switch = environment::workspace().join("deploy/kill-switch/sw.js");

            deploy(session, &std::fs::read_to_string(switch)?).await?;

            wait::until("no worker", async || {
                let script = "navigator.serviceWorker.getRegistrations().then((found) => { \
                 document.documentElement.dataset.workers = found.length; });";
                session.run(script).await?;
                let left = "return document.documentElement.dataset.workers ?? '';";
                Ok((session.run(left).await? == "0").then_some(()))
            })
            .await
        })
        .await;
}

fn worker() -> Result<String> {
    Ok(std::fs::read_to_string(environment::site().join("sw.js"))?)
}

/// Puts another worker on the server, and lets the page look for it.
async fn deploy(session: &BrowserSession, worker: &str) -> Result<()> {
    session.deployment.replace("/sw.js", worker);
    let look = "navigator.serviceWorker.getRegistration().then((found) => found.update()); \
         navigator.serviceWorker.addEventListener('controllerchange', \
             () => { document.documentElement.dataset.took = 'over'; });";
    session.run(look).await?;
    Ok(())
}

/// Waits until the new worker waits, or is the active one.
async fn wait_for_worker(session: &BrowserSession, expected: &str) -> Result<()> {
    let look = "navigator.serviceWorker.getRegistration().then((found) => { \
         document.documentElement.dataset.worker = found.waiting ? 'waiting' : \
             document.documentElement.dataset.took ? 'active' : ''; });";
    wait::until(&format!("{expected} worker"), async || {
        session.run(look).await?;
        let found = session
            .run("return document.documentElement.dataset.worker;")
            .await?;
        Ok((found == expected).then_some(()))
    })
    .await
}
