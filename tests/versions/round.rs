//! What there is to see in every version.

use anyhow::Result;
use shell_core::ui::Links;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::browser_session::BrowserSession;

use crate::{
    artifacts,
    ui::{self, Ui},
};

/// Whether the chart has a line on it: a path, or ink on the canvas.
const IS_DRAWN: &str = "((chart) => { \
     if (chart?.querySelector('.scatterlayer path.js-line')) return true; \
     const canvas = chart?.querySelector('canvas.gl-canvas-context'); \
     if (!canvas?.width) return false; \
     const copy = document.createElement('canvas'); \
     copy.width = canvas.width; copy.height = canvas.height; \
     const pen = copy.getContext('2d'); pen.drawImage(canvas, 0, 0); \
     return pen.getImageData(0, 0, copy.width, copy.height).data\
         .some((value, index) => index % 4 === 3 && value > 0); \
     })(frame.querySelector('.js-plotly-plot'))";

/// Signs in, and looks at one page of every kind.
pub(crate) async fn look_at_everything(
    session: &BrowserSession,
    ui: &Ui,
    user: &str,
) -> Result<()> {
    session.open("/").await?;
    session.sign_in(user, DEVELOPMENT_PASSWORD).await?;
    session.visit(ui.traits.experiments).await?;
    session.see(&["churn", "forecast", "images"]).await?;
    session.visit(&ui.runs()).await?;
    session.see(&["showcase", "churn-14"]).await?;

    session.visit(&ui.run(&ui.demo.run)).await?;
    let parts = ["showcase", "Parameters (4)", "Metrics (3)"];
    session.see(&parts).await?;
    session.visit(&ui.metric("val_loss")).await?;
    session.see(&["showcase", "val_loss"]).await?;
    session.see_that("a drawn line", IS_DRAWN).await?;

    artifacts::look_at_all(session, ui).await?;
    artifacts::save_one(session, ui).await?;

    session.visit(&ui.model()).await?;
    session.see(&["Version 2", "Attempt number 2."]).await?;
    look_at_the_link(session, ui).await
}

/// Beside a model's files there is a link to the version they became; later
/// releases keep them elsewhere, and have the link beside the run.
async fn look_at_the_link(session: &BrowserSession, ui: &Ui) -> Result<()> {
    let run = ui.run(&ui::run_with_model(ui).await?);
    let below = if ui.has_table() {
        ""
    } else {
        "/artifactPath/model"
    };
    session.visit(&format!("{run}{below}")).await?;
    let leads_around = ui.traits.links == Links::Around;
    let script = format!(
        "((link) => link && link.getAttribute('href').includes('#mlflow/') === {leads_around})\
         (frame.querySelector('a[href*=\"/models/{}/versions/\"]'))",
        ui.demo.model
    );
    session
        .see_that("the link to the model version", &script)
        .await
}
