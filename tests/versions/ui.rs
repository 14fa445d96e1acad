//! Where things are in a released UI, and whether it is as `core` says.

use anyhow::{Context, Result, ensure};
use axum::{body::Body, http::Request};
use serde_json::json;
use shell_core::ui::{Traits, UiVersion};
use shell_tests::{
    browser_session::BrowserSession,
    client,
    environment::{Demo, Tracking},
    record::{Recipient, Record},
};

/// What the paths of 1.30 begin with, and no other's.
const PREVIEW: &str = "/ajax-api/2.0/preview/";

/// A released UI, and the demo data of its server.
#[derive(Debug)]
pub(crate) struct Ui {
    pub(crate) version: String,
    pub(crate) traits: Traits,
    pub(crate) may_evaluate: bool,
    pub(crate) demo: Demo,
    /// Where its server is.
    pub(crate) server: String,
}

impl Ui {
    pub(crate) fn of(server: &Tracking) -> Self {
        let version = UiVersion::parse(&server.version).expect("a version");
        Self {
            version: server.version.clone(),
            traits: version.traits(),
            may_evaluate: version.may_evaluate(),
            demo: server.demo(),
            server: server.url.clone(),
        }
    }

    /// Whether its experiments are a table of their own, and not beside the runs.
    pub(crate) fn has_table(&self) -> bool {
        self.traits.experiments != "#/"
    }

    /// The route of the runs of the experiment with the showcase.
    pub(crate) fn runs(&self) -> String {
        let experiment = &self.demo.experiment;
        format!("#/experiments/{experiment}{}", self.traits.runs)
    }

    /// The route of a run.
    pub(crate) fn run(&self, id: &str) -> String {
        format!("#/experiments/{}/runs/{id}", self.demo.experiment)
    }

    /// The route of an artifact of the showcase. Later releases have another,
    /// and know this one.
    pub(crate) fn artifact(&self, path: &str) -> String {
        format!("{}/artifactPath/{path}", self.run(&self.demo.run))
    }

    /// The route of the chart of a metric. Later releases have another, and know
    /// this one.
    pub(crate) fn metric(&self, name: &str) -> String {
        let Demo {
            experiment, run, ..
        } = &self.demo;
        format!(
            "#/metric/{name}?runs=[\"{run}\"]&metric=\"{name}\"&experiments=[\"{experiment}\"]\
             &plot_metric_keys=[\"{name}\"]"
        )
    }

    /// The route of a model version.
    pub(crate) fn model(&self) -> String {
        format!("#/models/{}/versions/2", self.demo.model)
    }

    /// Fails if it asked its server at other paths than `core` says.
    pub(crate) fn refuse_other_paths(&self, records: &[Record]) -> Result<()> {
        let asked = |prefix: &str| {
            let mut asked = records
                .iter()
                .filter(|record| record.recipient == Recipient::Upstream);
            asked.any(|record| record.path.starts_with(prefix))
        };
        let api = self.traits.api;
        ensure!(asked(&format!("{api}/")), "nothing was asked below {api}");
        let is_preview = format!("{api}/").starts_with(PREVIEW);
        ensure!(asked(PREVIEW) == is_preview, "{PREVIEW}: not as expected");
        Ok(())
    }

    /// Fails if its server or the gateway treat frames or `eval` in another way
    /// than `core` says.
    pub(crate) async fn refuse_other_headers(&self, session: &BrowserSession) -> Result<()> {
        let document = client::get(&format!("{}/", self.server), &[]).await?;
        let refuses = document.headers.contains_key("x-frame-options");
        ensure!(
            refuses == self.traits.refuses_frames,
            "the server refuses frames: {refuses}"
        );
        let evaluates = self.may_evaluate;
        let script = format!("({EVALUATES}) === {evaluates}");
        session.see_that("eval as it should be", &script).await
    }
}

/// Whether the frame's document may make code out of a text.
const EVALUATES: &str =
    "(() => { try { return frame.defaultView.eval('true'); } catch { return false; } })()";

/// Asks the server of `ui` for the run that logged the demo's model.
pub(crate) async fn run_with_model(ui: &Ui) -> Result<String> {
    let search = json!({
        "experiment_ids": [ui.demo.experiment],
        "filter": "attributes.run_name = 'churn-00'",
    });
    let request = Request::post(format!("{}/api/2.0/mlflow/runs/search", ui.server))
        .header("content-type", "application/json")
        .body(Body::from(search.to_string()))?;
    let found = client::send(request).await?.json();
    let run = found["runs"][0]["info"]["run_id"].as_str();
    Ok(run.context("the run with the model is there")?.to_owned())
}
