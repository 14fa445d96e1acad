//! An image, an HTML page whose script runs, a text, and a text as a file.

use std::fs;

use anyhow::{Result, ensure};
use shell_core::ui::Loading;
use shell_tests::{browser_session::BrowserSession, mlflow, wait};
use thirtyfour::By;

use crate::ui::Ui;

const NOTES: &str = "Trained on the demo data.\nNothing to see here.\n";

/// The button beside an artifact, in the three shapes that it has had.
const SAVE: &str = "//a[@title='Download artifact'] \
     | //button[contains(@data-component-id, 'artifactview.tsx')] \
     | //button[not(@data-component-id)][contains(@class, 'btn-icon-only')]\
         [starts-with(@aria-describedby, 'dubois-tooltip')]";

/// How often a script of MLflow has asked for the notes.
const FETCHES: &str = "return document.querySelector('#mlflow').contentWindow.performance\
     .getEntriesByType('resource').filter((entry) => entry.name.includes('notes.txt')).length;";

/// Shows an image, and an HTML page whose script runs.
pub(crate) async fn look_at_all(session: &BrowserSession, ui: &Ui) -> Result<()> {
    session.visit(&ui.artifact("plots/gradient.png")).await?;
    let is_fetched = ui.traits.images == Loading::Fetch;
    let image = format!(
        "((image) => image?.naturalWidth === 160 && \
         image.src.startsWith('blob:') === {is_fetched})\
         (frame.querySelector('img[alt=\"plots/gradient.png\"]'))"
    );
    session.see_that("the image", &image).await?;

    // By a click: some pages look at their address once.
    session
        .click_inside(mlflow::artifact("report.html"))
        .await?;
    // Of the same origin it could do whatever its reader may.
    let (sandboxed, result) = ("iframe[sandbox=allow-scripts]", By::Css("#result"));
    session
        .read_inside(sandboxed, result, "The script has run.")
        .await
}

/// Shows a text, and saves it.
pub(crate) async fn save_one(session: &BrowserSession, ui: &Ui) -> Result<()> {
    session.click_inside(mlflow::artifact("notes.txt")).await?;
    session.see(&["Nothing to see here."]).await?;
    let shown = fetches(session).await?;
    session.click_inside(By::XPath(SAVE)).await?;

    let file = session.downloads.path().join("notes.txt");
    wait::until("the saved text", async || {
        Ok((fs::read_to_string(&file)? == NOTES).then_some(()))
    })
    .await?;
    let is_fetched = fetches(session).await? > shown;
    ensure!(
        is_fetched == (ui.traits.downloads == Loading::Fetch),
        "the file was fetched by a script: {is_fetched}"
    );
    Ok(())
}

async fn fetches(session: &BrowserSession) -> Result<u64> {
    let count = session.run(FETCHES).await?;
    Ok(count.as_u64().unwrap_or_default())
}
