//! The address bar tells where in MLflow a person is, and takes them there.

use anyhow::{Result, ensure};
use shell_tests::{browser_session::BrowserSession, environment::Demo};
use thirtyfour::By;

use crate::work;

/// The most times one reload may load the document: once for the person and
/// once to get under the worker's control.
const LOADS: usize = 2;

/// Reloads, goes back and forth, and follows links.
pub(crate) async fn keep(session: &BrowserSession, demo: &Demo) -> Result<()> {
    let (run, model) = (work::run(demo), work::model(demo));
    let driver = &session.browser.driver;

    session.paste(&format!("/{run}")).await?;
    be_at(session, &run, "learning_rate").await?;
    session.anew(async || Ok(driver.refresh().await?)).await?;
    be_at(session, &run, "learning_rate").await?;

    let mark = session.deployment.record.mark();
    session
        .anew(async || session.browser.reload_hard().await)
        .await?;
    be_at(session, &run, "learning_rate").await?;
    let loads = session.loads_since(mark);
    ensure!(loads <= LOADS, "{loads} loads for one hard reload");

    // Pasted over the address of the open page.
    session.paste(&format!("/{model}")).await?;
    be_at(session, &model, "Attempt number 2.").await?;
    go(session, -1).await?;
    be_at(session, &run, "learning_rate").await?;
    go(session, 1).await?;
    be_at(session, &model, "Attempt number 2.").await?;

    follow_a_link(session, demo).await?;

    // Pasted into a tab that shows something else.
    session.open(&format!("/{model}")).await?;
    be_at(session, &model, "Attempt number 2.").await
}

/// Inside MLflow, where the page only looks on.
async fn follow_a_link(session: &BrowserSession, demo: &Demo) -> Result<()> {
    let (model, list) = (work::model(demo), format!("#/models/{}", demo.model));
    session
        .click_inside(By::LinkText(demo.model.as_str()))
        .await?;
    be_at(session, &list, "Doubles its input.").await?;
    go(session, -1).await?;
    be_at(session, &model, "Attempt number 2.").await?;
    go(session, 1).await?;
    be_at(session, &list, "Doubles its input.").await
}

async fn be_at(session: &BrowserSession, route: &str, text: &str) -> Result<()> {
    session.be_at(route).await?;
    session.see(&[text]).await
}

/// Goes through the history. Drivers wait for the page to go, but often it is
/// the frame alone that does.
async fn go(session: &BrowserSession, steps: i8) -> Result<()> {
    session.run(&format!("window.history.go({steps});")).await?;
    Ok(())
}
