//! CloudFront has the site and the API behind it.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::{DEVELOPMENT_PASSWORD, Fault};
use shell_tests::{
    driver::Engine,
    embedder::{Embedder, Sandbox},
    environment,
    hosted::Hosting,
    record::Place,
    stage::{Stage, play, play_on},
    upstream::ECHO,
    world::{Login, Plan},
};

use super::refuse_stray_tokens;
use crate::{
    framed, people,
    rights::READER,
    session::{
        batch::{self, all_well},
        renewal::{granted, provider, until_asked, until_over},
    },
    work,
};

fn plan() -> Plan {
    Login::Development.on(Hosting::OneOrigin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_behind_cloudfront_and_api_gateway() {
    let demo = environment::demo();
    play("hosted", plan(), async |stage| {
        stage.open("/#/experiments").await?;
        people::sign_in(stage).await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        work::round(stage, &demo).await?;

        refuse_stray_tokens(stage)?;
        people::sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_there_inside_a_foreign_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let plan = plan().with_config("frame_ancestors", json!([embedder.origin()]));
    let demo = environment::demo();
    play("hosted-framed", plan, async |stage| {
        let run = work::run(&demo);
        stage
            .open_framed(&embedder, &format!("/{run}"), Sandbox::Absent)
            .await?;
        let page = stage.browser.tab().await?;
        framed::sign_in(stage, &page).await?;

        stage.be_at(&run).await?;
        work::round(stage, &demo).await?;

        refuse_stray_tokens(stage)?;
        framed::sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_everything_and_is_told_what_is_refused() {
    let demo = environment::demo();
    play_on(
        &[Engine::Chromium],
        "hosted-reader",
        plan(),
        async |stage| {
            stage.open("/#/experiments").await?;
            stage.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
            stage.see(&["churn", "forecast", "images"]).await?;
            stage.visit(&work::run(&demo)).await?;
            stage.see(&["showcase", "learning_rate"]).await?;
            let mark = stage.world.record.mark();

            let told = told(stage, "runs/delete").await?;

            let words = "Your groups do not allow this.";
            ensure!(told.starts_with("403 PERMISSION_DENIED"), "{told}");
            ensure!(told.contains(words), "{told}");
            stage.read(".notice", words).await?;
            let asked = stage.world.record.since(mark);
            let reached = asked
                .iter()
                .any(|it| it.place == Place::Upstream && it.path.ends_with("delete"));
            ensure!(!reached, "MLflow was asked");
            refuse_stray_tokens(stage)
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_ended_is_renewed_once_for_all_requests() {
    let plan = plan().token_lifetime(8).rotating(0);
    play_on(&[Engine::Chromium], "hosted-expiry", plan, async |stage| {
        people::begin_work(stage).await?;
        let (provider, refreshes) = (provider(stage)?, granted(stage)?);
        provider.faults().set(Fault::TokenHeld);
        until_over(stage).await?;
        let mark = stage.world.record.mark();

        batch::begin(stage, "batch", 20, &batch::get(batch::API)).await?;
        until_asked(provider, refreshes).await?;
        provider.faults().clear(Fault::TokenHeld);

        let tally = batch::outcome(stage, "batch").await?;
        ensure!(tally == all_well(20), "{tally:?}");
        ensure!(granted(stage)? == refreshes + 1, "not one refresh");
        let failures = stage.world.record.failures_since(mark);
        ensure!(failures.is_empty(), "{failures:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_from_there_is_followed_by_one_refresh_and_one_repetition() {
    const SIZE: usize = 5 * 1024 * 1024;
    play_on(&[Engine::Chromium], "hosted-replay", plan(), async |stage| {
        people::begin_work(stage).await?;
        let (provider, refreshes) = (provider(stage)?, granted(stage)?);
        provider.faults().set(Fault::TokenHeld);
        stage.world.refuse(true);
        let post = format!(
            "fetch('{ECHO}', {{ method: 'POST', body: 'x'.repeat({SIZE}) }}).then(async (answer) => \
             ({{ status: answer.status + '-' + (answer.ok ? (await answer.json()).length : '') }}))"
        );

        batch::begin(stage, "posts", 3, &post).await?;
        until_asked(provider, refreshes).await?;
        stage.world.refuse(false);
        provider.faults().clear(Fault::TokenHeld);

        let tally = batch::outcome(stage, "posts").await?;
        let expected = batch::Tally::from([(format!("200-{SIZE}"), 3)]);
        ensure!(tally == expected, "{tally:?}");
        ensure!(granted(stage)? == refreshes + 1, "not one refresh");
        Ok(())
    })
    .await;
}

/// What MLflow's page is told when it asks for something: status, code, words.
async fn told(stage: &Stage, endpoint: &str) -> Result<String> {
    let script = format!(
        "return document.querySelector('#mlflow').contentWindow.fetch(\
         'ajax-api/2.0/mlflow/{endpoint}', {{method: 'POST', \
         headers: {{'content-type': 'application/json'}}, body: '{{\"run_id\": \"none\"}}'}})\
         .then(async (answer) => {{ const told = await answer.json(); \
         return [answer.status, told.error_code, told.message].join(' '); }});"
    );
    let told = stage.run(&script).await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}
