//! Who uses the shell.

use anyhow::{Result, ensure};
use shell_idp::{DEVELOPMENT_PASSWORD, User};
use shell_tests::{
    record::{Bearer, Place, Record},
    stage::{Stage, play},
    world::Login,
};

/// May do everything.
pub(crate) const ADMIN: &str = "mlflow-admin@example.com";

/// A cheap question to MLflow.
pub(crate) const API: &str =
    "/mlflow/ajax-api/2.0/mlflow/experiments/get-by-name?experiment_name=churn";

/// Signs in as the administrator, from the page the browser is at.
pub(crate) async fn sign_in(stage: &Stage) -> Result<()> {
    stage.sign_in(ADMIN, DEVELOPMENT_PASSWORD).await
}

/// Opens the list of experiments as the administrator.
pub(crate) async fn begin_work(stage: &Stage) -> Result<()> {
    stage.open("/#/experiments").await?;
    sign_in(stage).await?;
    stage.see(&["churn"]).await
}

/// Makes the browser forget everything of the site.
pub(crate) async fn begin_anew(stage: &Stage) -> Result<()> {
    stage.open("/?reset").await?;
    stage.click("#forget").await?;
    stage.read("#sign-in", "Sign in").await
}

/// Signs out, and makes sure of it.
pub(crate) async fn sign_out(stage: &Stage) -> Result<()> {
    stage.click("#sign-out").await?;
    stage.read("#sign-in", "Sign in").await?;
    let mark = stage.world.record.mark();

    let status = stage.status_of(API).await?;

    ensure!(status == 401, "MLflow was still open: {status}");
    let records = stage.world.record.since(mark);
    let carried = |it: &Record| it.is_for_us() && it.bearer != Bearer::None;
    let carried = records.iter().find(|record| carried(record));
    ensure!(
        carried.is_none(),
        "the worker still has a token: {carried:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_signs_in_and_out() {
    let people = [
        (ADMIN, "admins"),
        ("mlflow-reader@example.com", "readers"),
        ("mlflow-model-approver@example.com", "model-approvers"),
    ];
    play("everyone", Login::Development, async |stage| {
        stage.open("/#/experiments").await?;
        for (person, group) in people {
            stage.sign_in(person, DEVELOPMENT_PASSWORD).await?;
            stage.read(".groups", group).await?;
            stage.see(&["churn", "forecast", "images"]).await?;
            sign_out(stage).await?;
            stage.open("/#/experiments").await?;
        }
        let provider = stage.world.provider.as_ref();
        let revoked = provider.map(|provider| provider.counts().revocations);
        ensure!(revoked.is_some_and(|revoked| revoked >= 3), "{revoked:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_group_is_told_so() {
    const NOBODY: &str = "nobody@example.com";
    play("no-group", Login::Development, async |stage| {
        let provider = stage
            .world
            .provider
            .as_ref()
            .expect("it is the development one");
        provider.put_user(User::new(NOBODY, []));
        stage.open("/#/experiments").await?;

        stage.click("#sign-in").await?;
        stage.submit(NOBODY, DEVELOPMENT_PASSWORD).await?;

        stage.read(".card h1", "No access yet").await?;
        stage
            .read(".card", "nobody@example.com is signed in but in none")
            .await?;
        let status = stage.status_of(API).await?;
        ensure!(status == 403, "{status}");
        ensure!(
            stage.world.record.of(Place::Upstream).is_empty(),
            "MLflow was asked"
        );
        sign_out(stage).await
    })
    .await;
}
