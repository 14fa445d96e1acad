//! One artifact of every kind.

use std::fs;

use anyhow::{Result, ensure};
use shell_tests::{browser_session::BrowserSession, environment::Demo, mlflow, wait};
use thirtyfour::By;

use crate::work;

/// What the demo data's large artifact has, in bytes.
const LARGE: u64 = 20 * 1024 * 1024;

/// Shows an image, an HTML page whose script runs, a PDF, a text and a table.
pub(crate) async fn look_at_all(session: &BrowserSession, demo: &Demo) -> Result<()> {
    look_at_the_image(session, demo).await?;

    choose(session, "report.html").await?;
    let result = By::Css("#result");
    let words = "The script has run.";
    session
        .read_inside("iframe.mlflow-html-iframe", result, words)
        .await?;

    choose(session, "report.pdf").await?;
    session.see_that("the drawn PDF", IS_DRAWN).await?;

    choose(session, "notes.txt").await?;
    session.see(&["Nothing to see here."]).await?;

    choose(session, "data").await?;
    // The folder opens while the click is on its way, and names move under it.
    wait::until("the table", async || {
        choose(session, "table.csv").await?;
        let shown = session.frame_text().await?;
        Ok(shown.contains("artifacts/data/table.csv").then_some(()))
    })
    .await?;
    session.see(&["square", "361"]).await
}

/// Shows an image.
pub(crate) async fn look_at_the_image(session: &BrowserSession, demo: &Demo) -> Result<()> {
    let run = work::run(demo);
    let route = format!("{run}/artifacts/plots/gradient.png");
    session.visit(&route).await?;
    let image = "frame.querySelector('img[alt=\"plots/gradient.png\"]')?.naturalWidth === 160";
    session.see_that("the image", image).await
}

/// Whether the PDF's canvas has ink on it.
const IS_DRAWN: &str = "((canvas) => canvas && canvas.width > 0 && \
     canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data\
     .some((value, index) => index % 4 === 0 && value < 100)\
     )(frame.querySelector('.react-pdf__Page__canvas'))";

/// Saves the large artifact, and looks at every byte of the file.
pub(crate) async fn download_the_large_one(session: &BrowserSession) -> Result<()> {
    choose(session, "large.bin").await?;
    session.see(&["large.bin", "20MB"]).await?;
    let saved = download(session, "large.bin", LARGE).await?;
    ensure!(
        saved == counted(LARGE),
        "the file has other bytes than the artifact"
    );
    Ok(())
}

/// So many bytes of which no two blocks are alike, to notice lost ones.
pub(crate) fn counted(length: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in 0..length / 8 {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes
}

/// Saves what is chosen.
pub(crate) fn download_button() -> By {
    By::Css("button[data-component-id*='artifactview.tsx']")
}

/// Saves the artifact that is chosen, `name` of `length` bytes, and returns what
/// was saved.
pub(crate) async fn download(session: &BrowserSession, name: &str, length: u64) -> Result<Vec<u8>> {
    session.click_inside(download_button()).await?;
    let file = session.downloads.path().join(name);
    wait::until(&format!("the whole file {name}"), async || {
        let saved = fs::metadata(&file)?.len();
        Ok((saved == length).then_some(()))
    })
    .await?;
    Ok(fs::read(&file)?)
}

/// Clicks a name in the tree of artifacts.
pub(crate) async fn choose(session: &BrowserSession, name: &str) -> Result<()> {
    session.click_inside(mlflow::artifact(name)).await
}
