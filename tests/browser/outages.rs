//! MLflow down while people are signed in.

use anyhow::ensure;
use shell_tests::{stage::play, world::Login};

use crate::people;

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_down_is_said_in_the_frame_and_signs_nobody_out() {
    play("mlflow-down", Login::Development, async |stage| {
        stage.world.upstream.stop();
        stage.open("/#/experiments").await?;
        let mark = stage.world.record.mark();
        people::sign_in(stage).await?;
        stage
            .see(&["MLflow is not answering", "You are signed in"])
            .await?;
        ensure!(stage.loads_since(mark) <= 2, "a loop");

        stage.world.upstream.resume().await?;
        let driver = &stage.browser.driver;
        stage.anew(async || Ok(driver.refresh().await?)).await?;
        stage.read("#user", people::ADMIN).await?;
        stage.see(&["churn"]).await?;
        stage.be_at("#/experiments").await
    })
    .await;
}
