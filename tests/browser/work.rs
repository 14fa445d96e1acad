//! A working day in MLflow, and what it shows in the record.

use anyhow::Result;
use shell_tests::{
    environment::{self, Demo},
    issuer::now,
    leaks, mlflow,
    stage::{Stage, play},
    wait,
    world::Login,
};

use crate::{artifacts, people, places};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_mlflow_and_no_token_goes_astray() {
    let demo = environment::demo();
    play("work", Login::Development, async |stage| {
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        round(stage, &demo).await?;
        places::keep(stage, &demo).await?;

        let leaks = leaks::find(&stage.world.record.since(stage.begin));
        show(stage, &leaks);
        leaks.refuse_bare()?;
        people::sign_out(stage).await
    })
    .await;
}

/// Everything that a day in MLflow needs of the shell.
pub(crate) async fn round(stage: &Stage, demo: &Demo) -> Result<()> {
    look_at_the_run(stage, demo).await?;
    artifacts::look_at_all(stage, demo).await?;
    artifacts::download_the_large_one(stage).await?;
    look_at_the_model(stage, demo).await?;
    create_and_delete_an_experiment(stage).await
}

#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
fn show(stage: &Stage, leaks: &leaks::Leaks) {
    println!("{}:\n{leaks}", stage.engine);
}

async fn look_at_the_run(stage: &Stage, demo: &Demo) -> Result<()> {
    let run = run(demo);
    stage.visit(&run).await?;
    stage
        .see(&["showcase", "learning_rate", "optimizer"])
        .await?;

    stage.visit(&format!("{run}/model-metrics")).await?;
    stage.see(&["accuracy", "val_loss"]).await?;
    let lines = "frame.querySelectorAll('.js-plotly-plot path.js-line').length >= 3";
    stage.see_that("three drawn charts", lines).await
}

async fn look_at_the_model(stage: &Stage, demo: &Demo) -> Result<()> {
    stage.visit(&model(demo)).await?;
    stage
        .see(&["Version 2", "Attempt number 2.", "champion"])
        .await
}

async fn create_and_delete_an_experiment(stage: &Stage) -> Result<()> {
    // MLflow keeps the names of deleted experiments.
    // Other scenarios make theirs at the same server, perhaps at the same moment.
    let name = format!("made-in-{}-for-{}-{}", stage.engine, stage.name, now());
    stage.visit("#/experiments").await?;
    stage
        .click_inside(mlflow::over_experiments("new_experiment_button"))
        .await?;
    stage.type_inside(mlflow::new_name(), &name).await?;
    stage
        .click_inside(mlflow::button_in_dialog("Create"))
        .await?;
    let created = format!("frame.body.innerText.includes('{name}')");
    stage.see_that("the new experiment", &created).await?;
    be_in_some_experiment(stage).await?;

    stage.visit("#/experiments").await?;
    stage.click_inside(mlflow::box_of(&name)).await?;
    stage
        .click_inside(mlflow::over_experiments("bulk_delete_button"))
        .await?;
    stage
        .click_inside(mlflow::button_in_dialog("Delete"))
        .await?;
    let links = "[...frame.querySelectorAll('[role=row] a')].map((link) => link.innerText)";
    let gone = format!("{links}.includes('churn') && !{links}.includes('{name}')");
    stage.see_that("the list without it", &gone).await
}

/// Waits until the address shows where the frame is: a route pasted before
/// that may be the one it still shows, which goes nowhere.
async fn be_in_some_experiment(stage: &Stage) -> Result<()> {
    wait::until("the new experiment's address", async || {
        let hash = stage.hash().await?;
        Ok(hash.starts_with("#/experiments/").then_some(()))
    })
    .await
}

/// The route of the run that has one artifact of every kind.
pub(crate) fn run(demo: &Demo) -> String {
    format!("#/experiments/{}/runs/{}", demo.experiment, demo.run)
}

/// The route of a model version.
pub(crate) fn model(demo: &Demo) -> String {
    format!("#/models/{}/versions/2", demo.model)
}
