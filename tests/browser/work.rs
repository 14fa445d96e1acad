//! A working day in MLflow, and what it shows in the record.

use anyhow::Result;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    environment::{self, Demo},
    issuer::now,
    leaks, mlflow,
    scenario::Scenario,
    wait,
};

use crate::{artifacts, navigation, users};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_mlflow_and_no_token_goes_astray() {
    let demo = environment::demo();
    Scenario::new("work", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session.open("/#/experiments").await?;
            users::sign_in(session).await?;
            session.see(&["churn", "forecast", "images"]).await?;

            whole_round(session, &demo).await?;
            navigation::keep(session, &demo).await?;

            let leaks = leaks::find(&session.deployment.record.since(session.begin));
            show(session, &leaks);
            leaks.refuse_bare()?;
            users::sign_out(session).await
        })
        .await;
}

/// What MLflow needs of the shell wherever it is: all of it where every engine is
/// tried, and else the least that reads, draws and writes.
pub(crate) async fn round(session: &BrowserSession, demo: &Demo) -> Result<()> {
    if environment::all_engines() {
        return whole_round(session, demo).await;
    }
    look_at_the_run(session, demo).await?;
    artifacts::look_at_the_image(session, demo).await?;
    create_and_delete_an_experiment(session).await
}

/// Everything that a day in MLflow needs of the shell.
pub(crate) async fn whole_round(session: &BrowserSession, demo: &Demo) -> Result<()> {
    look_at_the_run(session, demo).await?;
    artifacts::look_at_all(session, demo).await?;
    artifacts::download_the_large_one(session).await?;
    look_at_the_model(session, demo).await?;
    create_and_delete_an_experiment(session).await
}

#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
fn show(session: &BrowserSession, leaks: &leaks::Leaks) {
    println!("{}:\n{leaks}", session.engine);
}

async fn look_at_the_run(session: &BrowserSession, demo: &Demo) -> Result<()> {
    let run = run(demo);
    session.visit(&run).await?;
    session
        .see(&["showcase", "learning_rate", "optimizer"])
        .await?;

    session.visit(&format!("{run}/model-metrics")).await?;
    session.see(&["accuracy", "val_loss"]).await?;
    let lines = "frame.querySelectorAll('.js-plotly-plot path.js-line').length >= 3";
    session.see_that("three drawn charts", lines).await
}

async fn look_at_the_model(session: &BrowserSession, demo: &Demo) -> Result<()> {
    session.visit(&model(demo)).await?;
    session
        .see(&["Version 2", "Attempt number 2.", "champion"])
        .await
}

async fn create_and_delete_an_experiment(session: &BrowserSession) -> Result<()> {
    // MLflow keeps the names of deleted experiments.
    // Other scenarios make theirs at the same server, perhaps at the same moment.
    let name = format!("made-in-{}-for-{}-{}", session.engine, session.name, now());
    session.visit("#/experiments").await?;
    session
        .click_inside(mlflow::over_experiments("new_experiment_button"))
        .await?;
    session.type_inside(mlflow::new_name(), &name).await?;
    session
        .click_inside(mlflow::button_in_dialog("Create"))
        .await?;
    let created = format!("frame.body.innerText.includes('{name}')");
    session.see_that("the new experiment", &created).await?;
    be_in_some_experiment(session).await?;

    session.visit("#/experiments").await?;
    session.click_inside(mlflow::box_of(&name)).await?;
    session
        .click_inside(mlflow::over_experiments("bulk_delete_button"))
        .await?;
    session
        .click_inside(mlflow::button_in_dialog("Delete"))
        .await?;
    let links = "[...frame.querySelectorAll('[role=row] a')].map((link) => link.innerText)";
    let gone = format!("{links}.includes('churn') && !{links}.includes('{name}')");
    session.see_that("the list without it", &gone).await
}

/// Waits until the address shows where the frame is: a route pasted before
/// that may be the one it still shows, which goes nowhere.
async fn be_in_some_experiment(session: &BrowserSession) -> Result<()> {
    wait::until("the new experiment's address", async || {
        let hash = session.hash().await?;
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
