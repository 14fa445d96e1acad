//! What a reader sees of MLflow: everything, and no denial.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    driver::Engine,
    environment::{self, Demo},
    record::{Recipient, Record},
    scenario::scenario_in,
    wait,
};

mod teams;

use crate::work;

pub(crate) const READER: &str = "mlflow-reader@example.com";

/// After this long without a request a page has asked for all that it shows.
const QUIET: Duration = Duration::from_secs(1);

/// Denied to a reader on the way: what MLflow asks for unasked, and the
/// addresses of webhooks, which are secrets.
const FOR_OTHERS: [&str; 2] = ["/review-queues/get-or-create-user", "/mlflow/webhooks"];

/// The pages of MLflow 3.18.0; `E` stands for the experiment.
fn pages(demo: &Demo) -> Vec<String> {
    let of_experiment = [
        "",
        "/runs",
        "/traces",
        "/models",
        "/overview",
        "/datasets",
        "/evaluation-runs",
        "/judges",
        "/issues",
        "/prompts",
        "/playground",
        "/chat-sessions",
        "/review-queue",
    ];
    let run = work::run(demo);
    let of_run = [
        "",
        "/model-metrics",
        "/system-metrics",
        "/artifacts",
        "/traces",
    ];
    let others = [
        "#/",
        "#/experiments",
        "#/models",
        "#/prompts",
        "#/skills",
        "#/mcp-registry",
        "#/gateway",
        "#/gateway/usage",
        "#/gateway/budgets",
        "#/gateway/api-keys",
        "#/gateway/endpoints/create",
        "#/settings",
        "#/settings/general",
        "#/settings/webhooks",
        "#/settings/llm-connections",
    ];
    let mut pages: Vec<String> = others.map(String::from).into();
    let experiment = format!("#/experiments/{}", demo.experiment);
    pages.extend(of_experiment.map(|page| format!("{experiment}{page}")));
    pages.extend(of_run.map(|page| format!("{run}{page}")));
    pages.push(format!("#/models/{}", demo.model));
    pages.push(work::model(demo));
    pages.push(format!(
        "#/compare-runs?runs=[\"{0}\"]&experiments=[\"{1}\"]",
        demo.run, demo.experiment
    ));
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_every_page_without_a_denial() {
    let demo = environment::demo();
    scenario_in(
        &[Engine::Chromium],
        "rights",
        Login::Development,
        async |session| {
            session.open("/#/experiments").await?;
            session.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
            session.see(&["churn"]).await?;
            session
                .read(".groups", "can read everything (readers)")
                .await?;
            for page in pages(&demo) {
                let mark = session.deployment.record.mark();
                session.visit(&page).await?;
                let asked = settled(session, mark).await?;
                let denied = denied(&asked);
                ensure!(denied.is_empty(), "{page}: denied {denied:?}");
            }
            Ok(())
        },
    )
    .await;
}

/// What was asked of MLflow since, once nothing more is asked.
async fn settled(session: &BrowserSession, mark: usize) -> Result<Vec<Record>> {
    // A page on a busy machine begins to ask late.
    let visited = SystemTime::now().duration_since(UNIX_EPOCH)?;
    wait::until("a page that asks for nothing more", async || {
        let records = session.deployment.record.since(mark);
        let asked: Vec<Record> = records.into_iter().filter(is_for_mlflow).collect();
        let times = asked.iter().map(|record| record.at);
        let last = times.fold(visited, Ord::max);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let is_quiet = now.saturating_sub(last) > QUIET;
        let is_answered = asked.iter().all(|record| record.status.is_some());
        Ok((is_quiet && is_answered).then_some(asked))
    })
    .await
}

fn is_for_mlflow(record: &Record) -> bool {
    record.recipient == Recipient::Gateway && record.path.starts_with("/mlflow/")
}

fn denied(records: &[Record]) -> Vec<&str> {
    let denied = records.iter().filter(|record| record.status == Some(403));
    let paths = denied.map(|record| record.path.as_str());
    paths
        .filter(|path| !FOR_OTHERS.iter().any(|end| path.ends_with(end)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_tries_to_change_something_is_told_why_not() {
    let demo = environment::demo();
    scenario_in(&[Engine::Chromium], "rights-denied", Login::Development, async |session| {
        session.open("/#/experiments").await?;
        session.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
        session.see(&["churn"]).await?;
        let mark = session.deployment.record.mark();
        session.visit(&format!("#/experiments/{}/review-queue", demo.experiment)).await?;
        wait::until("the queue that MLflow makes unasked", async || {
            let records = session.deployment.record.of(Recipient::Gateway);
            let denied = records.iter().find(|record| record.path.ends_with(FOR_OTHERS[0]));
            Ok(denied.and_then(|record| record.status))
        })
        .await?;
        settled(session, mark).await?;
        let said = session.run("return document.querySelector('.toast').innerText").await?;
        ensure!(said == "", "{said}");

        let delete = "return document.querySelector('#mlflow').contentWindow.fetch(\
             'ajax-api/2.0/mlflow/runs/delete', {method: 'POST', \
             headers: {'content-type': 'application/json'}, \
             body: JSON.stringify({run_id: 'none'})}).then((answer) => answer.json())\
             .then((told) => told.message);";
        let told = session.run(delete).await?;
        let words = "mlflow-reader@example.com may view runs, but not change them (runs/delete). \
                     Members of these groups may: admins.";
        ensure!(told == words, "{told}");
        session.read(".toast", words).await
    })
    .await;
}
