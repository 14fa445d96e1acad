//! MLflow's released UI among the site's own files, served by the gateway.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_core::{hosting::UI_DOCUMENTS, messages::bar};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    driver::Engine,
    environment, leaks,
    record::{Bearer, Recipient, Record},
    scenario::{scenario, scenario_in},
};

use crate::{users, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_a_ui_that_the_site_has() {
    let Some((spec, _)) = spec() else {
        return;
    };
    let demo = environment::demo();
    scenario("hosted", spec, async |session| {
        session.open("/#/experiments").await?;
        users::sign_in(session).await?;
        session.see(&["churn", "forecast", "images"]).await?;

        work::round(session, &demo).await?;

        come_from_the_site(session)?;
        let mut records = session.deployment.record.since(session.begin);
        records.retain(|record| !is_document(record));
        leaks::find(&records).refuse_bare()?;
        users::sign_out(session).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_version_is_told_of_in_the_bar() {
    let Some((spec, version)) = spec() else {
        return;
    };
    scenario_in(&[Engine::Chromium], "skew", spec, async |session| {
        session.deployment.replace("/mlflow/version", "2.22.5");
        session.open("/#/experiments").await?;
        users::sign_in(session).await?;

        let words =
            format!("MLflow here is 2.22.5, its pages are of {version}: some may not work.");
        session.read(".notice", &words).await?;

        // What the session has to say goes first, and this is said again after it.
        session.deployment.refuse(true);
        let asked = "fetch('/mlflow/ajax-api/2.0/mlflow/experiments/search'); return 1;";
        session.run(asked).await?;
        session.read(".notice", bar::REJECTED).await?;
        session.deployment.refuse(false);
        session.run(asked).await?;
        session.read(".notice", &words).await
    })
    .await;
}

/// A site that has a UI, and the version of that.
fn spec() -> Option<(DeploymentSpec, String)> {
    let hosted = environment::hosted()?;
    let spec = DeploymentSpec::from(Login::Development)
        .with_config("ui", json!(hosted.version))
        .with_site(hosted.site);
    Some((spec, hosted.version))
}

/// Whether the document was asked for, which is public where the site has it.
fn is_document(record: &Record) -> bool {
    record.recipient == Recipient::Gateway && UI_DOCUMENTS.contains(&record.path.as_str())
}

/// MLflow itself was asked for no part of its UI, and the site was.
fn come_from_the_site(session: &BrowserSession) -> Result<()> {
    let records = session.deployment.record.since(session.begin);
    let of = |recipient: Recipient| {
        records
            .iter()
            .filter(move |record| record.recipient == recipient)
    };
    let part = |path: &str| path == "/" || path.starts_with("/static-files/");
    let mut documents = records.iter().filter(|record| is_document(record));
    let is_bare = |record: &Record| record.bearer == Bearer::None;
    ensure!(documents.all(is_bare), "a file of the site got a token");
    let mut asked = of(Recipient::Upstream).filter(|record| part(&record.path));
    ensure!(asked.next().is_none(), "MLflow was asked for its UI");
    let files = of(Recipient::Gateway).filter(|record| record.path.contains("/static-files/"));
    ensure!(files.count() > 10, "the UI's files came from elsewhere");
    Ok(())
}
