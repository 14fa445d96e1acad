//! A day's work in front of what stands for SageMaker's managed MLflow: the
//! real MLflow, behind signatures that botocore checks.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    deployment_spec::DeploymentSpec,
    driver::Engine,
    environment, leaks,
    sagemaker::{Keys, Kind},
    scenario::scenario_in,
};

use crate::{
    bar::programs,
    session::batch::{self, all_well},
    users, work,
};

/// What people do with MLflow's client; prints "done" if all of it worked.
const CLIENT: &str = include_str!("sagemaker/client.py");

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_front_of_a_managed_mlflow() {
    let Some(spec) = spec(Kind::TrackingServer) else {
        return;
    };
    let demo = environment::demo();
    scenario_in(&[Engine::Chromium], "sagemaker", spec, async |session| {
        session.open("/#/experiments").await?;
        users::sign_in(session).await?;
        session.see(&["churn", "forecast", "images"]).await?;

        work::whole_round(session, &demo).await?;
        let counts = batch::make(session, 20).await?;
        ensure!(counts == all_well(20), "{counts:?}");

        all_was_signed(session, 100).await?;
        leaks::find(&session.deployment.record.since(session.begin)).refuse_bare()?;
        users::sign_out(session).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflows_client_works_in_front_of_a_managed_mlflow() {
    let (Some(python), Some(spec)) = (environment::python(), spec(Kind::App)) else {
        return;
    };
    let spec = spec.with_config("python", json!({ "access": "token" }));
    scenario_in(
        &[Engine::Chromium],
        "sagemaker-client",
        spec,
        async |session| {
            users::begin_work(session).await?;
            let variables = programs::new_token(session).await?;

            let mut command = Command::new(&python);
            command.args(["-c", CLIENT]).envs(&variables);
            let output = tokio::task::spawn_blocking(move || command.output()).await??;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            ensure!(said.ends_with("done\n"), "{said}{complaint}");

            all_was_signed(session, 20).await?;
            session.click("#close").await
        },
    )
    .await;
}

fn spec(kind: Kind) -> Option<DeploymentSpec> {
    environment::moto()?;
    Some(Login::Development.managed(kind, Keys::TEMPORARY))
}

/// At least so many requests arrived there, each signed as botocore signs it,
/// and none with a cookie.
#[expect(clippy::print_stdout, reason = "the count is what is to be shown")]
async fn all_was_signed(session: &BrowserSession, least: usize) -> Result<()> {
    let sagemaker = session
        .deployment
        .sagemaker
        .as_ref()
        .context("it is in the spec")?;
    let seen = sagemaker.seen().await?;
    let is_bad = |it: &&Value| it["equal"] != json!(true) || !it["headers"]["cookie"].is_null();
    let bad = seen.iter().find(is_bad);
    ensure!(bad.is_none(), "{bad:?}");
    ensure!(seen.len() >= least, "{} requests arrived", seen.len());
    println!(
        "{}: {} requests signed, all as botocore signs them",
        session.name,
        seen.len()
    );
    Ok(())
}
