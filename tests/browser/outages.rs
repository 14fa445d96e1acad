//! MLflow down while people are signed in.

use anyhow::ensure;
use shell_tests::{deployment::Login, scenario::scenario};

use crate::users;

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_down_is_said_in_the_frame_and_signs_nobody_out() {
    scenario("mlflow-down", Login::Development, async |session| {
        session.deployment.upstream.stop();
        session.open("/#/experiments").await?;
        let mark = session.deployment.record.mark();
        users::sign_in(session).await?;
        session
            .see(&["MLflow is not answering", "You are signed in"])
            .await?;
        ensure!(session.loads_since(mark) <= 2, "a loop");

        session.deployment.upstream.resume().await?;
        let driver = &session.browser.driver;
        session.anew(async || Ok(driver.refresh().await?)).await?;
        session.read("#user", users::ADMIN).await?;
        session.see(&["churn"]).await?;
        session.be_at("#/experiments").await
    })
    .await;
}
