//! What HTML artifacts, workers and documents of MLflow's may do.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Result, ensure};
use axum::{Router, http::header, routing::get};
use serde_json::json;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    environment::{self, Demo},
    mlflow,
    record::Recipient,
    scenario::{Scenario, scenario},
    server::Server,
    upstream::{BUNDLED, STRAY, WORKER},
    wait,
};
use thirtyfour::By;

use crate::{users, work};

const NOTES: &str = "Trained on the demo data.\nNothing to see here.\n";

/// From where figures load their library, as plotly's do.
struct Library {
    server: Server,
    asked: Arc<AtomicUsize>,
}

impl Library {
    async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::default());
        let counted = asked.clone();
        let script = async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            let draw = "document.getElementById('result').textContent = 'It is drawn.';";
            ([(header::CONTENT_TYPE, "text/javascript")], draw)
        };
        let router = Router::new().route("/figure.js", get(script));
        Self {
            server: Server::start(router).await.expect("a port is free"),
            asked,
        }
    }

    /// Another site than the shell's.
    fn origin(&self) -> String {
        self.server.foreign_origin()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Puts a figure in the place of the demo's report.
    fn draw(&self, session: &BrowserSession, demo: &Demo) {
        let figure = format!(
            "<!doctype html><title>Figure</title><p id=result>It is blank.</p>\
             <script src=\"{}/figure.js\"></script>",
            self.origin()
        );
        let stored = format!(
            "/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/{}/{}/artifacts/report.html",
            demo.experiment, demo.run
        );
        for path in ["/mlflow/get-artifact", &stored] {
            session.deployment.replace(path, &figure);
        }
    }
}

async fn show_figure(session: &BrowserSession, demo: &Demo) -> Result<()> {
    users::begin_work(session).await?;
    session
        .visit(&format!("{}/artifacts", work::run(demo)))
        .await?;
    session.click_inside(mlflow::artifact("report.html")).await
}

async fn read_figure(session: &BrowserSession, words: &str) -> Result<()> {
    let frame = "iframe.mlflow-html-iframe";
    session.read_inside(frame, By::Css("#result"), words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_whose_library_is_not_listed_is_told_of() {
    let (demo, library) = (environment::demo(), Library::start().await);
    scenario("figure-blank", Login::Development, async |session| {
        library.draw(session, &demo);
        show_figure(session, &demo).await?;

        let words = format!(
            "This page loads from {}, which this site does not allow. An administrator can \
             list it under `artifacts.page_origins`.",
            library.origin()
        );
        session.read(".toast", &words).await?;
        read_figure(session, "It is blank.").await?;
        ensure!(library.asked() == 0, "the library was asked for");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_whose_library_is_listed_is_drawn() {
    let (demo, library) = (environment::demo(), Library::start().await);
    let listed = json!({ "page_origins": [library.origin()] });
    let spec = Login::Development.with_config("artifacts", listed);
    scenario("figure-drawn", spec, async |session| {
        library.draw(session, &demo);
        show_figure(session, &demo).await?;

        read_figure(session, "It is drawn.").await?;
        let notice = "return document.querySelector('.toast').innerText;";
        ensure!(session.run(notice).await? == "", "something is told of");
        Ok(())
    })
    .await;
}

/// Behind a server that says nothing, the worker does.
#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_mlflows_talks_to_another_origin_as_a_worker() {
    const SILENT: &str = "/mlflow/ajax-api/2.0/silent.js";
    Scenario::new("stray-workers", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session.deployment.replace(SILENT, WORKER);
            users::begin_work(session).await?;
            let other = session.deployment.other.origin();
            for script in [STRAY, BUNDLED, SILENT] {
                for kind in ["Worker", "SharedWorker"] {
                    let told = ask_in_worker(session, kind, script, &other).await?;
                    ensure!(told != "reached", "a {kind} of {script} reached {other}");
                }
            }
            // What the bundle's workers are for still works.
            let own = format!("{}/config.json", session.deployment.origin);
            for kind in ["Worker", "SharedWorker"] {
                let told = ask_in_worker(session, kind, BUNDLED, &own).await?;
                ensure!(told == "reached", "a {kind} of the bundle was {told}");
            }
            let asked = session.deployment.record.since(session.begin);
            let asked = asked
                .iter()
                .find(|record| record.recipient == Recipient::Other);
            ensure!(asked.is_none(), "{asked:?}");
            Ok(())
        })
        .await;
}

/// What a worker of MLflow's page says of `url`, or that it failed.
async fn ask_in_worker(
    session: &BrowserSession,
    kind: &str,
    script: &str,
    url: &str,
) -> Result<String> {
    let ask = format!(
        "const frame = document.querySelector('#mlflow').contentWindow; \
         return new Promise((resolve) => {{ \
             const worker = new frame.{kind}(location.origin + '{script}'); \
             const port = worker.port ?? worker; \
             worker.onerror = () => resolve('failed'); \
             setTimeout(() => resolve('silent'), 10000); \
             port.onmessage = ({{ data }}) => resolve(data); \
             port.postMessage('{url}'); }});"
    );
    let told = session.run(&ask).await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_is_saved_and_no_document_of_this_site() {
    const SILENT: &str = "/mlflow/silent.html";
    let demo = environment::demo();
    Scenario::new("artifact-policy", Login::Development)
        .in_every_engine()
        .run(async |session| {
            session
                .deployment
                .replace(SILENT, "<script>parent.entered = true</script>");
            users::begin_work(session).await?;

            let framed = format!(
                "return new Promise((resolve) => {{ \
                 const frame = document.createElement('iframe'); \
                 frame.onload = () => resolve([frame.contentDocument, window.entered ?? null]); \
                 frame.src = '{SILENT}'; \
                 document.body.append(frame); }});"
            );
            let framed = session.run(&framed).await?;
            ensure!(
                framed == json!([null, null]),
                "it has this origin: {framed}"
            );

            // As MLflow 1 and 2 save files.
            let saved = format!(
                "document.querySelector('#mlflow').contentWindow.location.assign(\
             '/mlflow/get-artifact?path=notes.txt&run_uuid={}');",
                demo.run
            );
            session.run(&saved).await?;
            let file = session.downloads.path().join("notes.txt");
            wait::until("the saved text", async || {
                Ok((fs::read_to_string(&file)? == NOTES).then_some(()))
            })
            .await
        })
        .await;
}
