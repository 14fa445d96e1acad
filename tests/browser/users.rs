//! Who uses the shell.

use anyhow::{Result, ensure};
use shell_idp::{DEVELOPMENT_PASSWORD, User};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::Login,
    record::{Bearer, Recipient, Record},
    scenario::scenario,
};

/// May do everything.
pub(crate) const ADMIN: &str = "mlflow-admin@example.com";

/// A cheap question to MLflow.
pub(crate) const API: &str =
    "/mlflow/ajax-api/2.0/mlflow/experiments/get-by-name?experiment_name=churn";

/// Signs in as the administrator, from the page the browser is at.
pub(crate) async fn sign_in(session: &BrowserSession) -> Result<()> {
    session.sign_in(ADMIN, DEVELOPMENT_PASSWORD).await
}

/// Opens the list of experiments as the administrator.
pub(crate) async fn begin_work(session: &BrowserSession) -> Result<()> {
    session.open("/#/experiments").await?;
    sign_in(session).await?;
    session.see(&["churn"]).await
}

/// Makes the browser forget everything of the site.
pub(crate) async fn begin_anew(session: &BrowserSession) -> Result<()> {
    session.open("/?reset").await?;
    session.click("#forget").await?;
    session.read("#sign-in", "Sign in").await
}

/// Signs out, and makes sure of it.
pub(crate) async fn sign_out(session: &BrowserSession) -> Result<()> {
    session.click("#sign-out").await?;
    session.read("#sign-in", "Sign in").await?;
    let mark = session.deployment.record.mark();

    let status = session.status_of(API).await?;

    ensure!(status == 401, "MLflow was still open: {status}");
    let records = session.deployment.record.since(mark);
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
    scenario("everyone", Login::Development, async |session| {
        session.open("/#/experiments").await?;
        for (person, group) in people {
            session.sign_in(person, DEVELOPMENT_PASSWORD).await?;
            session.read(".groups", group).await?;
            session.see(&["churn", "forecast", "images"]).await?;
            sign_out(session).await?;
            session.open("/#/experiments").await?;
        }
        let provider = session.deployment.provider.as_ref();
        let revoked = provider.map(|provider| provider.counts().revocations);
        ensure!(revoked.is_some_and(|revoked| revoked >= 3), "{revoked:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_group_is_told_so() {
    const NOBODY: &str = "nobody@example.com";
    scenario("no-group", Login::Development, async |session| {
        let provider = session
            .deployment
            .provider
            .as_ref()
            .expect("it is the development one");
        provider.put_user(User::new(NOBODY, []));
        session.open("/#/experiments").await?;

        session.click("#sign-in").await?;
        session.submit(NOBODY, DEVELOPMENT_PASSWORD).await?;

        session.read(".card h1", "No access yet").await?;
        session
            .read(".card", "nobody@example.com is signed in but in none")
            .await?;
        let status = session.status_of(API).await?;
        ensure!(status == 403, "{status}");
        ensure!(
            session.deployment.record.of(Recipient::Upstream).is_empty(),
            "MLflow was asked"
        );
        sign_out(session).await
    })
    .await;
}
