//! CloudFront has the site and the API behind it.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    api_gateway::{Api, Integration, Transfer},
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    deployment_spec::Hosting,
    driver::Engine,
    embedder::Embedder,
    environment::{self, Demo},
    scenario::{scenario, scenario_in},
};

use super::scenes::{self, aws};
use crate::users;

fn spec() -> DeploymentSpec {
    Login::Development.on(Hosting::OneOrigin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_behind_cloudfront_and_api_gateway() {
    let demo = environment::demo();
    scenario("aws", spec(), async |session| {
        scenes::work(session, &demo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_there_inside_a_foreign_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let spec = spec().with_config("frame_ancestors", json!([embedder.origin()]));
    let demo = environment::demo();
    scenario("aws-framed", spec, async |session| {
        scenes::work_framed(session, &demo, &embedder).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_everything_and_is_told_what_is_refused() {
    let demo = environment::demo();
    scenario_in(&[Engine::Chromium], "aws-reader", spec(), async |session| {
        scenes::read(session, &demo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_ended_is_renewed_once_for_all_requests() {
    let spec = spec().token_lifetime(8).rotating(0);
    scenario_in(
        &[Engine::Chromium],
        "aws-expiry",
        spec,
        scenes::outlive_a_token,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_of_api_gateway_is_followed_by_one_refresh_and_one_repetition() {
    scenario_in(
        &[Engine::Chromium],
        "aws-replay",
        spec(),
        scenes::be_refused_once,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_need_streaming_or_binary_media_types() {
    let demo = environment::demo();
    scenario_in(
        &[Engine::Chromium],
        "aws-artifacts",
        spec(),
        async |session| {
            users::begin_work(session).await?;
            let gateway = &aws(session)?.gateway;
            let image = "plots/gradient.png";
            let whole = artifact(session, &demo, image).await?;
            ensure!(whole.starts_with("200 89504e47"), "{whole}");

            gateway.change(buffer);
            let buffered = artifact(session, &demo, image).await?;
            ensure!(buffered == whole, "{buffered}");
            let large = artifact(session, &demo, "large.bin").await?;
            ensure!(large.starts_with("500 "), "{large}");

            // As the AWS sample has it.
            gateway.change(|api| api.binary_media_types = &[]);
            let broken = artifact(session, &demo, image).await?;
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
async fn artifact(session: &BrowserSession, demo: &Demo, path: &str) -> Result<String> {
    let script = format!(
        "return document.querySelector('#mlflow').contentWindow.fetch(\
         'get-artifact?path={path}&run_uuid={}', {{ cache: 'no-store' }})\
         .then(async (answer) => {{ \
             const bytes = new Uint8Array(await answer.arrayBuffer()); \
             const first = [...bytes.slice(0, 4)].map((it) => it.toString(16).padStart(2, '0')); \
             return [answer.status, first.join(''), bytes.length].join(' '); }});",
        demo.run
    );
    let got = session.run(&script).await?;
    Ok(got.as_str().unwrap_or_default().to_owned())
}
