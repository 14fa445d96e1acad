//! A new build, a build that speaks otherwise, and starting all over.

use anyhow::{Result, ensure};
use shell_tests::{
    environment,
    stage::{Stage, play},
    upstream::SLOW,
    wait,
    world::Login,
};

use super::batch::{self, all_well};
use crate::people::{self, ADMIN};

/// Makes a worker answer in another version of what pages and worker say.
const OTHERWISE: &str = "{ const say = MessagePort.prototype.postMessage; \
     MessagePort.prototype.postMessage = function ([text, key]) { \
         say.call(this, [text.replace(/^.[0-9]+/, '[0'), key]); }; }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_worker_takes_over_when_nothing_streams_and_nothing_is_lost() {
    play("update", Login::Development, async |stage| {
        stage.world.restore();
        people::begin_work(stage).await?;
        let mark = stage.world.record.mark();
        let read = format!(
            "fetch('{SLOW}?seconds=20').then(async (answer) => ({{ \
                 status: (await answer.text()).length }}))"
        );
        batch::begin(stage, "streaming", 1, &read).await?;

        deploy(stage, &format!("{}\n// another build", worker()?)).await?;
        wait_for_worker(stage, "waiting").await?;
        let tally = batch::outcome(stage, "streaming").await?;
        ensure!(tally == batch::Tally::from([("40".into(), 1)]), "{tally:?}");

        wait_for_worker(stage, "active").await?;
        let tally = batch::make(stage, 10).await?;
        ensure!(tally == all_well(10), "{tally:?}");
        ensure!(stage.loads_since(mark) == 0, "the page was loaded again");
        stage.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_old_build_are_loaded_once_more_and_stay_signed_in() {
    play("old-page", Login::Development, async |stage| {
        stage.world.restore();
        people::begin_work(stage).await?;
        let mark = stage.world.record.mark();

        // A worker that speaks otherwise. The page that comes with it would
        // too; this one does not, so it says what is wrong and stays.
        deploy(stage, &format!("{OTHERWISE}{}", worker()?)).await?;
        stage.be_told("version").await?;
        ensure!(stage.loads_since(mark) == 1, "not one load");

        // Back to a worker of the page's own build: nothing was lost.
        deploy(stage, &format!("{}\n// back", worker()?)).await?;
        stage.read("#user", ADMIN).await?;
        stage.see(&["churn"]).await?;
        ensure!(stage.loads_since(mark) == 1, "loaded again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_makes_the_browser_forget_everything() {
    play("reset", Login::Development, async |stage| {
        stage.world.restore();
        people::begin_work(stage).await?;

        // Any site can lead a browser there.
        stage.open("/?reset").await?;
        stage
            .read(".card h1", "Begin anew in this browser?")
            .await?;
        stage.click("#start-page").await?;
        stage.read("#user", ADMIN).await?;
        people::begin_anew(stage).await?;

        let status = stage.status_of(people::API).await?;
        ensure!(status == 401, "{status}");
        // The provider still remembers who signed in.
        stage.click("#sign-in").await?;
        stage.read("#user", ADMIN).await?;
        stage.see(&["churn"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kill_switch_removes_the_worker() {
    play("kill-switch", Login::Development, async |stage| {
        stage.world.restore();
        people::begin_work(stage).await?;
        let switch = environment::workspace().join("deploy/kill-switch/sw.js");

        deploy(stage, &std::fs::read_to_string(switch)?).await?;

        wait::until("no worker", async || {
            let script = "navigator.serviceWorker.getRegistrations().then((found) => { \
                 document.documentElement.dataset.workers = found.length; });";
            stage.run(script).await?;
            let left = "return document.documentElement.dataset.workers ?? '';";
            Ok((stage.run(left).await? == "0").then_some(()))
        })
        .await
    })
    .await;
}

fn worker() -> Result<String> {
    Ok(std::fs::read_to_string(environment::site().join("sw.js"))?)
}

/// Puts another worker on the server, and lets the page look for it.
async fn deploy(stage: &Stage, worker: &str) -> Result<()> {
    stage.world.replace("/sw.js", worker);
    let look = "navigator.serviceWorker.getRegistration().then((found) => found.update()); \
         navigator.serviceWorker.addEventListener('controllerchange', \
             () => { document.documentElement.dataset.took = 'over'; });";
    stage.run(look).await?;
    Ok(())
}

/// Waits until the new worker waits, or is the active one.
async fn wait_for_worker(stage: &Stage, expected: &str) -> Result<()> {
    let look = "navigator.serviceWorker.getRegistration().then((found) => { \
         document.documentElement.dataset.worker = found.waiting ? 'waiting' : \
             document.documentElement.dataset.took ? 'active' : ''; });";
    wait::until(&format!("{expected} worker"), async || {
        stage.run(look).await?;
        let found = stage
            .run("return document.documentElement.dataset.worker;")
            .await?;
        Ok((found == expected).then_some(()))
    })
    .await
}
