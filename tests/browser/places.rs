//! The address bar tells where in MLflow a person is, and takes them there.

use anyhow::{Result, ensure};
use shell_tests::{environment::Demo, stage::Stage};
use thirtyfour::By;

use crate::work;

/// The most times one reload may load the document: once for the person and
/// once to get under the worker's control.
const LOADS: usize = 2;

/// Reloads, goes back and forth, and follows links.
pub(crate) async fn keep(stage: &Stage, demo: &Demo) -> Result<()> {
    let (run, model) = (work::run(demo), work::model(demo));
    let driver = &stage.browser.driver;

    stage.paste(&format!("/{run}")).await?;
    be_at(stage, &run, "learning_rate").await?;
    stage.anew(async || Ok(driver.refresh().await?)).await?;
    be_at(stage, &run, "learning_rate").await?;

    let mark = stage.world.record.mark();
    stage
        .anew(async || stage.browser.reload_hard().await)
        .await?;
    be_at(stage, &run, "learning_rate").await?;
    let loads = stage.loads_since(mark);
    ensure!(loads <= LOADS, "{loads} loads for one hard reload");

    // Pasted over the address of the open page.
    stage.paste(&format!("/{model}")).await?;
    be_at(stage, &model, "Attempt number 2.").await?;
    go(stage, -1).await?;
    be_at(stage, &run, "learning_rate").await?;
    go(stage, 1).await?;
    be_at(stage, &model, "Attempt number 2.").await?;

    follow_a_link(stage, demo).await?;

    // Pasted into a tab that shows something else.
    stage.open(&format!("/{model}")).await?;
    be_at(stage, &model, "Attempt number 2.").await
}

/// Inside MLflow, where the page only looks on.
async fn follow_a_link(stage: &Stage, demo: &Demo) -> Result<()> {
    let (model, list) = (work::model(demo), format!("#/models/{}", demo.model));
    stage
        .click_inside(By::LinkText(demo.model.as_str()))
        .await?;
    be_at(stage, &list, "Doubles its input.").await?;
    go(stage, -1).await?;
    be_at(stage, &model, "Attempt number 2.").await?;
    go(stage, 1).await?;
    be_at(stage, &list, "Doubles its input.").await
}

async fn be_at(stage: &Stage, route: &str, text: &str) -> Result<()> {
    stage.be_at(route).await?;
    stage.see(&[text]).await
}

/// Goes through the history. Drivers wait for the page to go, but often it is
/// the frame alone that does.
async fn go(stage: &Stage, steps: i8) -> Result<()> {
    stage.run(&format!("window.history.go({steps});")).await?;
    Ok(())
}
