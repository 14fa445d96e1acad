//! What there is to see in every version.

use anyhow::Result;
use shell_core::ui::Links;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::stage::Stage;

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
pub(crate) async fn play(stage: &Stage, ui: &Ui, user: &str) -> Result<()> {
    stage.open("/").await?;
    stage.sign_in(user, DEVELOPMENT_PASSWORD).await?;
    stage.visit(ui.traits.experiments).await?;
    stage.see(&["churn", "forecast", "images"]).await?;
    stage.visit(&ui.runs()).await?;
    stage.see(&["showcase", "churn-14"]).await?;

    stage.visit(&ui.run(&ui.demo.run)).await?;
    let parts = ["showcase", "Parameters (4)", "Metrics (3)"];
    stage.see(&parts).await?;
    stage.visit(&ui.metric("val_loss")).await?;
    stage.see(&["showcase", "val_loss"]).await?;
    stage.see_that("a drawn line", IS_DRAWN).await?;

    artifacts::look_at_all(stage, ui).await?;
    artifacts::save_one(stage, ui).await?;

    stage.visit(&ui.model()).await?;
    stage.see(&["Version 2", "Attempt number 2."]).await?;
    look_at_the_link(stage, ui).await
}

/// Beside a model's files there is a link to the version they became; later
/// releases keep them elsewhere, and have the link beside the run.
async fn look_at_the_link(stage: &Stage, ui: &Ui) -> Result<()> {
    let run = ui.run(&ui::run_with_model(ui).await?);
    let below = if ui.has_table() {
        ""
    } else {
        "/artifactPath/model"
    };
    stage.visit(&format!("{run}{below}")).await?;
    let leads_around = ui.traits.links == Links::Around;
    let script = format!(
        "((link) => link && link.getAttribute('href').includes('#mlflow/') === {leads_around})\
         (frame.querySelector('a[href*=\"/models/{}/versions/\"]'))",
        ui.demo.model
    );
    stage
        .see_that("the link to the model version", &script)
        .await
}
