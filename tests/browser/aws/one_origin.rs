//! CloudFront has the site and the API behind it.

use shell_tests::{environment, hosted::Hosting, leaks, stage::play, world::Login};

use crate::{people, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_behind_cloudfront_and_api_gateway() {
    let demo = environment::demo();
    let plan = Login::Development.on(Hosting::OneOrigin);
    play("hosted", plan, async |stage| {
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        work::round(stage, &demo).await?;

        leaks::find(&stage.world.record.since(stage.begin)).refuse_bare()?;
        people::sign_out(stage).await
    })
    .await;
}
