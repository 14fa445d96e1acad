//! A day's work in front of what stands for SageMaker's managed MLflow: the
//! real MLflow, behind signatures that botocore checks.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    driver::Engine,
    environment, leaks,
    plan::Plan,
    sagemaker::{Keys, Kind},
    stage::{Stage, play_on},
    world::Login,
};

use crate::{bar::programs, people, work};

/// What people do with MLflow's client; prints "done" if all of it worked.
const CLIENT: &str = include_str!("sagemaker/client.py");

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_front_of_a_managed_mlflow() {
    let Some(plan) = plan(Kind::TrackingServer) else {
        return;
    };
    let demo = environment::demo();
    play_on(&[Engine::Chromium], "sagemaker", plan, async |stage| {
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        work::round(stage, &demo).await?;

        all_was_signed(stage, 100).await?;
        leaks::find(&stage.world.record.since(stage.begin)).refuse_bare()?;
        people::sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflows_client_works_in_front_of_a_managed_mlflow() {
    let (Some(python), Some(plan)) = (environment::python(), plan(Kind::App)) else {
        return;
    };
    let plan = plan.with_config("python", json!({ "access": "token" }));
    play_on(
        &[Engine::Chromium],
        "sagemaker-client",
        plan,
        async |stage| {
            people::begin_work(stage).await?;
            let variables = programs::new_token(stage).await?;

            let mut command = Command::new(&python);
            command.args(["-c", CLIENT]).envs(&variables);
            let output = tokio::task::spawn_blocking(move || command.output()).await??;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            ensure!(said.ends_with("done\n"), "{said}{complaint}");

            all_was_signed(stage, 20).await?;
            stage.click("#close").await
        },
    )
    .await;
}

fn plan(kind: Kind) -> Option<Plan> {
    environment::moto()?;
    Some(Login::Development.managed(kind, Keys::TEMPORARY))
}

/// At least so many requests arrived there, each signed as botocore signs it,
/// and none with a cookie.
#[expect(clippy::print_stdout, reason = "the count is what is to be shown")]
async fn all_was_signed(stage: &Stage, least: usize) -> Result<()> {
    let sagemaker = stage
        .world
        .sagemaker
        .as_ref()
        .context("it is in the plan")?;
    let seen = sagemaker.seen().await?;
    let is_bad = |it: &&Value| it["equal"] != json!(true) || !it["headers"]["cookie"].is_null();
    let bad = seen.iter().find(is_bad);
    ensure!(bad.is_none(), "{bad:?}");
    ensure!(seen.len() >= least, "{} requests arrived", seen.len());
    println!(
        "{}: {} requests signed, all as botocore signs them",
        stage.name,
        seen.len()
    );
    Ok(())
}
