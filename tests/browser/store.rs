//! Artifacts that are in S3: the AWS sample's set-up, and MLflow's service in
//! front of S3; through MLflow, and straight from the store.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::json;
use shell_core::messages::bar::BROUGHT_BACK;
use shell_tests::{
    browser_session::BrowserSession,
    client,
    deployment::{DeploymentSpec, Login},
    deployment_spec::Hosting,
    driver::Engine,
    environment::{self, Demo},
    record::Recipient,
    scenario::{scenario, scenario_in},
    store::{Asking, Keeper, Run, Store},
};

use crate::{
    artifacts::{self, choose, counted, download},
    users, work,
};

/// What there is.
const FILES: [&str; 6] = [
    "notes.txt",
    "data/table.csv",
    "plots/gradient.png",
    "report.html",
    "report.pdf",
    "large.bin",
];

/// What is saved, one after the other: no PDF, which Firefox then opens in a tab
/// of its own.
const SAVED: [&str; 3] = ["large.bin", "report.html", "notes.txt"];

/// The largest that is saved, in bytes.
const HUGE: u64 = 200 * 1024 * 1024;

/// Marks MLflow's document, so that another one can be told from it.
const MARK: &str = "document.querySelector('#mlflow').contentDocument.documentElement\
     .dataset.marked = 'yes';";

const MARKED: &str = "frame?.documentElement?.dataset.marked === 'yes'";

#[tokio::test(flavor = "multi_thread")]
async fn files_in_s3_are_shown_and_saved_and_mlflow_stays() {
    let Some((store, python)) = store().await else {
        return;
    };
    let mlflow = store
        .mlflow(&python, |command| {
            command.env("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true");
        })
        .await;
    let mlflow = mlflow.expect("MLflow starts");
    let runs = runs(&store, &mlflow).await.expect("two runs with files");
    let spec = || Login::Development.in_front_of(&mlflow.url);
    let listed = |spec| listing(spec, &store);

    scenario("store-through-mlflow", spec(), async |session| {
        let mark = store.asked().len();
        work_hard(session, &runs).await?;
        come_through_mlflow(session, &store.asked()[mark..])?;
        come_back_from_where_no_frame_goes(session).await
    })
    .await;
    scenario("store-listed", listed(spec()), async |session| {
        let mark = store.asked().len();
        work_hard(session, &runs).await?;
        come_from_the_store(&store.asked()[mark..], &runs)?;
        come_back_from_a_refusal(session, &store, &runs[0]).await
    })
    .await;

    let aws = || spec().on(Hosting::OneOrigin);
    let engines = [Engine::Chromium];
    scenario_in(&engines, "store-aws", aws(), async |session| {
        let mark = store.asked().len();
        work(session, &runs).await?;
        come_through_mlflow(session, &store.asked()[mark..])
    })
    .await;
    scenario_in(
        &engines,
        "store-aws-listed",
        listed(aws()),
        async |session| {
            let mark = store.asked().len();
            work(session, &runs).await?;
            come_from_the_store(&store.asked()[mark..], &runs)
        },
    )
    .await;
}

/// MLflow itself hands out no file then.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_only_the_store_hands_out_are_shown_and_saved() {
    let Some((store, python)) = store().await else {
        return;
    };
    let mlflow = store
        .mlflow(&python, |command| {
            command.arg("--artifacts-presigned-only");
        })
        .await;
    let mlflow = mlflow.expect("MLflow starts");
    let runs = runs(&store, &mlflow).await.expect("two runs with files");
    let spec = listing(Login::Development.in_front_of(&mlflow.url), &store);
    scenario("store-only", spec, async |session| {
        let mark = store.asked().len();
        work(session, &runs).await?;
        come_from_the_store(&store.asked()[mark..], &runs)
    })
    .await;
}

async fn store() -> Option<(Store, PathBuf)> {
    let python = environment::python()?;
    Some((Store::start().await?, python))
}

fn listing(spec: DeploymentSpec, store: &Store) -> DeploymentSpec {
    spec.with_config("artifacts", json!({ "store_origins": [store.origin()] }))
}

/// One run whose files are in the store itself, and one whose files MLflow's
/// service has; both with the files of the demo data, and a huge one.
async fn runs(store: &Store, mlflow: &Keeper) -> Result<[Run; 2]> {
    let runs = [mlflow.run_in_store().await?, mlflow.run_in_service().await?];
    for path in FILES {
        let file = original(path).await?;
        for run in &runs {
            store.put(&run.key(path), file.clone()).await?;
        }
    }
    let huge = Bytes::from(counted(HUGE));
    store.put(&runs[0].key("huge.bin"), huge).await?;
    Ok(runs)
}

/// The file of the demo data.
async fn original(path: &str) -> Result<Bytes> {
    let (mlflow, run) = (environment::mlflow(), environment::demo().run);
    let url = format!("{mlflow}/get-artifact?path={path}&run_uuid={run}");
    let answer = client::get(&url, &[]).await?;
    ensure!(answer.status == 200, "{path}: {}", answer.text());
    Ok(answer.body)
}

/// Looks at all files of both runs, and saves some of each, one after the other.
async fn work(session: &BrowserSession, runs: &[Run; 2]) -> Result<()> {
    session.open("/#/experiments").await?;
    users::sign_in(session).await?;
    for run in runs {
        artifacts::look_at_all(session, &demo(run)).await?;
        session.run(MARK).await?;
        for path in SAVED {
            choose(session, path).await?;
            session.see(&[&format!("artifacts/{path}")]).await?;
            save(session, path, &original(path).await?).await?;
            // The other run has one of the same name.
            fs::remove_file(session.downloads.path().join(path))?;
        }
        session.see(&["Nothing to see here."]).await?;
    }
    Ok(())
}

/// The same, and saves the huge one. A route that is pasted changes no document.
async fn work_hard(session: &BrowserSession, runs: &[Run; 2]) -> Result<()> {
    work(session, runs).await?;
    let run = work::run(&demo(&runs[0]));
    session.visit(&format!("{run}/artifacts")).await?;
    choose(session, "huge.bin").await?;
    session.see(&["artifacts/huge.bin"]).await?;
    save(session, "huge.bin", &counted(HUGE)).await
}

/// Saves the file that is chosen; MLflow's document stays.
async fn save(session: &BrowserSession, name: &str, expected: &[u8]) -> Result<()> {
    let length = u64::try_from(expected.len())?;
    let saved = download(session, name, length)
        .await
        .with_context(|| format!("{name} was not saved"))?;
    ensure!(saved == expected, "{name} has other bytes");
    session
        .see_that("the same document of MLflow's", MARKED)
        .await
}

/// A URL that has ended leads to a page of the store's.
async fn come_back_from_a_refusal(
    session: &BrowserSession,
    store: &Store,
    run: &Run,
) -> Result<()> {
    session
        .visit(&format!("{}/artifacts", work::run(&demo(run))))
        .await?;
    choose(session, "notes.txt").await?;
    session.see(&["Nothing to see here."]).await?;
    let route = session.hash().await?;
    store.refuse(true);
    let clicked = session.click_inside(artifacts::download_button()).await;
    let back = be_back(session, &route).await;
    store.refuse(false);
    clicked.and(back)
}

/// The policy forbids the frame to go there. Chromium then shows a page of its
/// own, Firefox leaves the document as it is, and `WebKit` does one or the other.
async fn come_back_from_where_no_frame_goes(session: &BrowserSession) -> Result<()> {
    let route = session.hash().await?;
    let other = session.deployment.other.foreign_origin();
    let leave = format!("document.querySelector('#mlflow').contentWindow.location = '{other}/';");
    session.run(&leave).await?;
    if session.engine == Engine::Chromium {
        be_back(session, &route).await?;
    } else {
        session.visit("#/experiments").await?;
        session.see(&["Experiments"]).await?;
    }
    let asked = session.deployment.record.of(Recipient::Other);
    ensure!(asked.is_empty(), "{asked:?}");
    Ok(())
}

/// MLflow is there again, at the same route, and the person is told.
async fn be_back(session: &BrowserSession, route: &str) -> Result<()> {
    session.read(".toast", BROUGHT_BACK).await?;
    let another = format!("frame?.location.hash === '{route}' && !({MARKED})");
    session.see_that("MLflow, anew", &another).await?;
    session.see(&["Artifacts"]).await
}

/// Fails if the browser was at the store, or MLflow was asked for a way there.
fn come_through_mlflow(session: &BrowserSession, asked: &[Asking]) -> Result<()> {
    let signed = asked.iter().find(|it| it.is_presigned);
    ensure!(signed.is_none(), "the browser was at the store: {signed:?}");
    let records = session.deployment.record.since(session.begin);
    let mut at_mlflow = records
        .iter()
        .filter(|it| it.recipient == Recipient::Upstream);
    let told = at_mlflow.find(|it| it.path.contains("presigned"));
    ensure!(told.is_none(), "MLflow was asked for a URL: {told:?}");
    Ok(())
}

/// Fails if the store was shown a token, or was not asked for the files of
/// both runs by the URLs that MLflow signed.
fn come_from_the_store(asked: &[Asking], runs: &[Run; 2]) -> Result<()> {
    ensure!(bearers(asked).is_empty(), "{:?}", bearers(asked));
    let signed: Vec<_> = asked.iter().filter(|it| it.is_presigned).collect();
    let shown = signed.iter().find(|it| it.authorization.is_some());
    ensure!(shown.is_none(), "{shown:?}");
    for run in runs {
        for path in FILES {
            let key = run.key(path);
            let there = signed.iter().any(|it| it.path.ends_with(&key));
            ensure!(there, "{key} did not come from the store");
        }
    }
    Ok(())
}

fn bearers(asked: &[Asking]) -> Vec<&Asking> {
    let is_bearer = |it: &&Asking| it.authorization.as_deref() == Some("Bearer");
    asked.iter().filter(is_bearer).collect()
}

fn demo(run: &Run) -> Demo {
    Demo {
        experiment: run.experiment.clone(),
        run: run.id.clone(),
        model: String::new(),
    }
}
