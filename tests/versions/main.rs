//! A round through the released UI of each MLflow that was started, with its
//! own server behind it: as somebody who may do everything, and as a reader.

mod artifacts;
mod changes;
mod report;
mod round;
mod ui;

use anyhow::Result;
use shell_tests::{
    driver::Engine,
    environment, leaks,
    stage::{Play, Stage},
    world::Login,
};

use crate::ui::Ui;

const ADMIN: &str = "mlflow-admin@example.com";
const READER: &str = "mlflow-reader@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_looks_at_everything_and_changes_something() {
    everywhere(ADMIN, async |stage, ui| {
        changes::make(stage, ui).await?;
        changes::forge(stage, ui).await?;
        changes::refuse_denials(stage)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_looks_at_everything_and_is_told_what_is_not_for_readers() {
    everywhere(READER, async |stage, ui| {
        changes::refuse_denials(stage)?;
        changes::try_in_vain(stage, ui).await
    })
    .await;
}

/// Plays the round and `then` the rest, in one version after another.
async fn everywhere(user: &str, then: impl AsyncFn(&Stage, &Ui) -> Result<()>) {
    let servers = environment::tracking_servers();
    assert!(!servers.is_empty(), "no MLflow was started");
    for server in servers {
        let ui = Ui::of(&server);
        let role = user.split('@').next().unwrap_or_default();
        let name = format!("{}-{role}", server.version.replace('.', "-"));
        let plan = Login::Development.in_front_of(&server.url);
        Play::new(name, plan)
            .only_in(&[Engine::Chromium])
            .perform(async |stage| {
                round::play(stage, &ui, user).await?;
                then(stage, &ui).await?;
                conclude(stage, &ui, user).await
            })
            .await;
    }
}

async fn conclude(stage: &Stage, ui: &Ui, user: &str) -> Result<()> {
    let records = stage.world.record.since(stage.begin);
    let leaks = leaks::find(&records);
    leaks.refuse_bare()?;
    ui.refuse_other_paths(&records)?;
    ui.refuse_other_headers(stage).await?;
    report::add(ui, user, &leaks)
}
