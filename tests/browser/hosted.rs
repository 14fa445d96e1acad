//! MLflow's released UI among the site's own files, served by the gateway.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    environment, leaks,
    record::Place,
    stage::{Stage, play},
    world::{Login, Plan},
};

use crate::{people, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_a_ui_that_the_site_has() {
    let Some(hosted) = environment::hosted() else {
        return;
    };
    let demo = environment::demo();
    let plan = Plan::from(Login::Development)
        .with_config("ui", json!(hosted.version))
        .with_site(hosted.site);
    play("hosted", plan, async |stage| {
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        work::round(stage, &demo).await?;

        let records = stage.world.record.since(stage.begin);
        leaks::find(&records).refuse_bare()?;
        come_from_the_site(stage)?;
        people::sign_out(stage).await
    })
    .await;
}

/// MLflow itself was asked for no part of its UI, and the site was.
fn come_from_the_site(stage: &Stage) -> Result<()> {
    let records = stage.world.record.since(stage.begin);
    let of = |place: Place| records.iter().filter(move |record| record.place == place);
    let part = |path: &str| path == "/" || path.starts_with("/static-files/");
    let mut asked = of(Place::Upstream).filter(|record| part(&record.path));
    ensure!(asked.next().is_none(), "MLflow was asked for its UI");
    let files = of(Place::Gateway).filter(|record| record.path.contains("/static-files/"));
    ensure!(files.count() > 10, "the UI's files came from elsewhere");
    Ok(())
}
