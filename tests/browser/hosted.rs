//! MLflow's released UI among the site's own files, served by the gateway.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_core::{hosting::UI_DOCUMENTS, messages::bar};
use shell_tests::{
    driver::Engine,
    environment, leaks,
    record::{Bearer, Place, Record},
    stage::{Stage, play, play_on},
    world::{Login, Plan},
};

use crate::{people, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_a_ui_that_the_site_has() {
    let Some((plan, _)) = plan() else {
        return;
    };
    let demo = environment::demo();
    play("hosted", plan, async |stage| {
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        work::round(stage, &demo).await?;

        come_from_the_site(stage)?;
        let mut records = stage.world.record.since(stage.begin);
        records.retain(|record| !is_document(record));
        leaks::find(&records).refuse_bare()?;
        people::sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_version_is_told_of_in_the_bar() {
    let Some((plan, version)) = plan() else {
        return;
    };
    play_on(&[Engine::Chromium], "skew", plan, async |stage| {
        stage.world.replace("/mlflow/version", "2.22.5");
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;

        let words =
            format!("MLflow here is 2.22.5, its pages are of {version}: some may not work.");
        stage.read(".notice", &words).await?;

        // What the session has to say goes first, and this is said again after it.
        stage.world.refuse(true);
        let asked = "fetch('/mlflow/ajax-api/2.0/mlflow/experiments/search'); return 1;";
        stage.run(asked).await?;
        stage.read(".notice", bar::REJECTED).await?;
        stage.world.refuse(false);
        stage.run(asked).await?;
        stage.read(".notice", &words).await
    })
    .await;
}

/// A site that has a UI, and the version of that.
fn plan() -> Option<(Plan, String)> {
    let hosted = environment::hosted()?;
    let plan = Plan::from(Login::Development)
        .with_config("ui", json!(hosted.version))
        .with_site(hosted.site);
    Some((plan, hosted.version))
}

/// Whether the document was asked for, which is public where the site has it.
fn is_document(record: &Record) -> bool {
    record.place == Place::Gateway && UI_DOCUMENTS.contains(&record.path.as_str())
}

/// MLflow itself was asked for no part of its UI, and the site was.
fn come_from_the_site(stage: &Stage) -> Result<()> {
    let records = stage.world.record.since(stage.begin);
    let of = |place: Place| records.iter().filter(move |record| record.place == place);
    let part = |path: &str| path == "/" || path.starts_with("/static-files/");
    let mut documents = records.iter().filter(|record| is_document(record));
    let is_bare = |record: &Record| record.bearer == Bearer::None;
    ensure!(documents.all(is_bare), "a file of the site got a token");
    let mut asked = of(Place::Upstream).filter(|record| part(&record.path));
    ensure!(asked.next().is_none(), "MLflow was asked for its UI");
    let files = of(Place::Gateway).filter(|record| record.path.contains("/static-files/"));
    ensure!(files.count() > 10, "the UI's files came from elsewhere");
    Ok(())
}
