//! Several MLflow servers behind one login.

use anyhow::{Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    driver::Engine,
    environment,
    record::Place,
    stage::{Stage, play_on},
    world::Login,
};

use super::ask;
use crate::{people::ADMIN, work};

const READER: &str = "mlflow-reader@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn every_server_keeps_its_own_route_and_addresses_lead_to_the_right_one() {
    let plan = Login::Development
        .with_upstream("dev", &[])
        .with_upstream("central", &["admins"]);
    let demo = environment::demo();
    play_on(&[Engine::Chromium], "servers", plan, async |stage| {
        let (run, model) = (work::run(&demo), work::model(&demo));
        // The sample's form of a link, with whatever its base ends in.
        stage.open(&format!("/?upstream=central/{run}")).await?;
        stage.sign_in(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.see(&["learning_rate"]).await?;
        be_on(stage, "central").await?;

        switch_to(stage, "dev").await?;
        be_on(stage, "dev").await?;
        stage.run(&format!("location.hash = '{model}';")).await?;
        stage.see(&["Attempt number 2."]).await?;

        switch_to(stage, "central").await?;
        stage.be_at(&run).await?;
        stage.see(&["learning_rate"]).await?;
        switch_to(stage, "dev").await?;
        stage.be_at(&model).await?;
        for name in ["dev", "central"] {
            let asked = stage.world.record.since(stage.begin);
            let asked = asked.iter().any(|record| record.upstream == Some(name));
            ensure!(asked, "{name} was not asked");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_gets_no_token_of_those_it_is_not_for() {
    let plan = Login::Development
        .with_upstream("dev", &[])
        .with_upstream("central", &["admins"]);
    play_on(
        &[Engine::Chromium],
        "not-for-readers",
        plan,
        async |stage| {
            stage.open("/#/experiments").await?;
            stage.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
            stage.see(&["churn"]).await?;
            let choices = stage
                .run("return document.querySelector('#upstream');")
                .await?;
            ensure!(choices.is_null(), "there is something to choose from");
            let mark = stage.world.record.mark();

            let path = "/mlflow/@central/ajax-api/2.0/mlflow/experiments/search";
            let answer = ask(stage, path).await?;

            ensure!(answer["error_code"] == "PERMISSION_DENIED", "{answer}");
            let asked = stage.world.record.since(mark);
            let mut asked = asked
                .iter()
                .filter(|record| record.path.contains("central"));
            ensure!(asked.next().is_none(), "it was asked");
            let reached = stage.world.record.of(Place::Upstream);
            let mut reached = reached
                .iter()
                .filter(|record| record.upstream == Some("central"));
            ensure!(reached.next().is_none(), "it was reached");
            stage.read(".toast", "may not use the MLflow server").await
        },
    )
    .await;
}

async fn switch_to(stage: &Stage, name: &str) -> Result<()> {
    stage
        .click(&format!("#upstream option:nth-of-type({})", number(name)))
        .await
}

fn number(name: &str) -> u8 {
    if name == "dev" { 1 } else { 2 }
}

/// Waits until address and frame both are this server's.
async fn be_on(stage: &Stage, name: &str) -> Result<()> {
    let script = "return [location.search, \
         document.querySelector('#mlflow').contentWindow.location.pathname].join(' ');";
    shell_tests::wait::until(name, async || {
        let shown = stage.run(script).await?;
        let shown = shown.as_str().unwrap_or_default().replace("/ ", " ");
        Ok((shown == format!("?upstream={name} /mlflow/@{name}/")).then_some(()))
    })
    .await
}
