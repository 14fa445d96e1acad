//! CloudFront has the site and the API behind it.

use serde_json::json;
use shell_tests::{
    driver::Engine,
    embedder::Embedder,
    environment,
    hosted::Hosting,
    stage::{play, play_on},
    world::{Login, Plan},
};

use super::scenes;

fn plan() -> Plan {
    Login::Development.on(Hosting::OneOrigin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_behind_cloudfront_and_api_gateway() {
    let demo = environment::demo();
    play("hosted", plan(), async |stage| {
        scenes::work(stage, &demo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_there_inside_a_foreign_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let plan = plan().with_config("frame_ancestors", json!([embedder.origin()]));
    let demo = environment::demo();
    play("hosted-framed", plan, async |stage| {
        scenes::work_framed(stage, &demo, &embedder).await
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
        async |stage| scenes::read(stage, &demo).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_has_ended_is_renewed_once_for_all_requests() {
    let plan = plan().token_lifetime(8).rotating(0);
    play_on(
        &[Engine::Chromium],
        "hosted-expiry",
        plan,
        scenes::outlive_a_token,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_of_api_gateway_is_followed_by_one_refresh_and_one_repetition() {
    play_on(
        &[Engine::Chromium],
        "hosted-replay",
        plan(),
        scenes::be_refused_once,
    )
    .await;
}
