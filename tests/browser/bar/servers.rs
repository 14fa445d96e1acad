//! Several MLflow servers behind one login.

use anyhow::{Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession, deployment::Login, driver::Engine, environment,
    record::Recipient, scenario::scenario_in,
};

use super::ask;
use crate::{users::ADMIN, work};

const READER: &str = "mlflow-reader@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn every_server_keeps_its_own_route_and_addresses_lead_to_the_right_one() {
    let spec = Login::Development
        .with_upstream("dev", &[])
        .with_upstream("central", &["admins"]);
    let demo = environment::demo();
    scenario_in(&[Engine::Chromium], "servers", spec, async |session| {
        let (run, model) = (work::run(&demo), work::model(&demo));
        // The sample's form of a link, with whatever its base ends in.
        session.open(&format!("/?upstream=central/{run}")).await?;
        session.sign_in(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.see(&["learning_rate"]).await?;
        be_on(session, "central").await?;

        switch_to(session, "dev").await?;
        be_on(session, "dev").await?;
        session.run(&format!("location.hash = '{model}';")).await?;
        session.see(&["Attempt number 2."]).await?;

        switch_to(session, "central").await?;
        session.be_at(&run).await?;
        session.see(&["learning_rate"]).await?;
        switch_to(session, "dev").await?;
        session.be_at(&model).await?;
        for name in ["dev", "central"] {
            let asked = session.deployment.record.since(session.begin);
            let asked = asked.iter().any(|record| record.upstream == Some(name));
            ensure!(asked, "{name} was not asked");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_gets_no_token_of_those_it_is_not_for() {
    let spec = Login::Development
        .with_upstream("dev", &[])
        .with_upstream("central", &["admins"]);
    scenario_in(
        &[Engine::Chromium],
        "not-for-readers",
        spec,
        async |session| {
            session.open("/#/experiments").await?;
            session.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
            session.see(&["churn"]).await?;
            let choices = session
                .run("return document.querySelector('#upstream');")
                .await?;
            ensure!(choices.is_null(), "there is something to choose from");
            let mark = session.deployment.record.mark();

            let path = "/mlflow/@central/ajax-api/2.0/mlflow/experiments/search";
            let answer = ask(session, path).await?;

            ensure!(answer["error_code"] == "PERMISSION_DENIED", "{answer}");
            let asked = session.deployment.record.since(mark);
            let mut asked = asked
                .iter()
                .filter(|record| record.path.contains("central"));
            ensure!(asked.next().is_none(), "it was asked");
            let reached = session.deployment.record.of(Recipient::Upstream);
            let mut reached = reached
                .iter()
                .filter(|record| record.upstream == Some("central"));
            ensure!(reached.next().is_none(), "it was reached");
            session
                .read(".toast", "may not use the MLflow server")
                .await
        },
    )
    .await;
}

async fn switch_to(session: &BrowserSession, name: &str) -> Result<()> {
    session
        .click(&format!("#upstream option:nth-of-type({})", number(name)))
        .await
}

fn number(name: &str) -> u8 {
    if name == "dev" { 1 } else { 2 }
}

/// Waits until address and frame both are this server's.
async fn be_on(session: &BrowserSession, name: &str) -> Result<()> {
    let script = "return [location.search, \
         document.querySelector('#mlflow').contentWindow.location.pathname].join(' ');";
    shell_tests::wait::until(name, async || {
        let shown = session.run(script).await?;
        let shown = shown.as_str().unwrap_or_default().replace("/ ", " ");
        Ok((shown == format!("?upstream={name} /mlflow/@{name}/")).then_some(()))
    })
    .await
}
