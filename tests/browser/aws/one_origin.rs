//! CloudFront has the site and the API behind it.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    api_gateway::{Api, Integration, Transfer},
    driver::Engine,
    embedder::Embedder,
    environment::{self, Demo},
    hosted::Hosting,
    stage::{Stage, play, play_on},
    world::{Login, Plan},
};

use super::scenes::{self, hosted};
use crate::people;

fn plan() -> Plan {
    Login::Development.on(Hosting::OneOrigin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_behind_cloudfront_and_api_gateway() {
    let demo = environment::demo();
    play("aws", plan(), async |stage| {
        scenes::work(stage, &demo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_there_inside_a_foreign_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let plan = plan().with_config("frame_ancestors", json!([embedder.origin()]));
    let demo = environment::demo();
    play("aws-framed", plan, async |stage| {
        scenes::work_framed(stage, &demo, &embedder).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_everything_and_is_told_what_is_refused() {
    let demo = environment::demo();
    play_on(&[Engine::Chromium], "aws-reader", plan(), async |stage| {
        scenes::read(stage, &demo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_ended_is_renewed_once_for_all_requests() {
    let plan = plan().token_lifetime(8).rotating(0);
    play_on(
        &[Engine::Chromium],
        "aws-expiry",
        plan,
        scenes::outlive_a_token,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_of_api_gateway_is_followed_by_one_refresh_and_one_repetition() {
    play_on(
        &[Engine::Chromium],
        "aws-replay",
        plan(),
        scenes::be_refused_once,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_need_streaming_or_binary_media_types() {
    let demo = environment::demo();
    play_on(
        &[Engine::Chromium],
        "aws-artifacts",
        plan(),
        async |stage| {
            people::begin_work(stage).await?;
            let gateway = &hosted(stage)?.gateway;
            let image = "plots/gradient.png";
            let whole = artifact(stage, &demo, image).await?;
            ensure!(whole.starts_with("200 89504e47"), "{whole}");

            gateway.change(buffer);
            let buffered = artifact(stage, &demo, image).await?;
            ensure!(buffered == whole, "{buffered}");
            let large = artifact(stage, &demo, "large.bin").await?;
            ensure!(large.starts_with("500 "), "{large}");

            // As the AWS sample has it.
            gateway.change(|api| api.binary_media_types = &[]);
            let broken = artifact(stage, &demo, image).await?;
            ensure!(broken.starts_with("200 efbfbd50"), "{broken}");
            Ok(())
        },
    )
    .await;
}

fn buffer(api: &mut Api) {
    for method in &mut api.methods {
        if let Integration::Proxy { transfer, .. } = &mut method.integration {
            *transfer = Transfer::Buffered;
        }
    }
}

/// What MLflow's page gets of an artifact: status, first bytes, length.
async fn artifact(stage: &Stage, demo: &Demo, path: &str) -> Result<String> {
    let script = format!(
        "return document.querySelector('#mlflow').contentWindow.fetch(\
         'get-artifact?path={path}&run_uuid={}', {{ cache: 'no-store' }})\
         .then(async (answer) => {{ \
             const bytes = new Uint8Array(await answer.arrayBuffer()); \
             const first = [...bytes.slice(0, 4)].map((it) => it.toString(16).padStart(2, '0')); \
             return [answer.status, first.join(''), bytes.length].join(' '); }});",
        demo.run
    );
    let got = stage.run(&script).await?;
    Ok(got.as_str().unwrap_or_default().to_owned())
}
