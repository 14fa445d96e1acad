//! Two gateways that have a file of keys in common, and nothing else, behind a
//! balancer that sends every request to the other.

use axum::{body::Body, http::Request};
use serde_json::json;
use shell_tests::client::Answer;

use crate::fixture::{Fixture, SCRIPT};

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";
const API: &str = "/api/2.0/mlflow/experiments/search";
const STATE: &str = "0123456789-abcdefghijklmnopqrst_ABCDEFGHIJK";

async fn two() -> Fixture {
    let python = json!({ "access": "token" });
    Fixture::with(|spec| spec.with_config("python", python).instances(2)).await
}

async fn post(fixture: &Fixture, path: &str, body: String, bearer: Option<&str>) -> Answer {
    let origin = fixture.deployment.origin.as_str();
    let mut request = Request::post(format!("{origin}{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", origin)
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "same-origin");
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let request = request.body(Body::from(body)).expect("a request");
    fixture.send(request).await
}

async fn issue(fixture: &Fixture) -> String {
    let bearer = fixture.token();
    let told = post(
        fixture,
        "/mlflow/@shell/tokens",
        String::new(),
        Some(&bearer),
    )
    .await;
    assert_eq!(told.status, 201, "{}", told.text());
    told.json()["token"].as_str().expect("a token").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_mlflow_come_from_either() {
    let fixture = two().await;
    let first = fixture.get("/", &[]).await;
    assert_eq!(first.status, 200);
    for path in ["/", "/sw.js", "/config.json"] {
        let [one, other] = [fixture.get(path, &[]).await, fixture.get(path, &[]).await];
        assert_eq!(
            (one.status.as_u16(), &one.body),
            (200, &other.body),
            "{path}"
        );
        assert_eq!(one.header("etag"), other.header("etag"), "{path}");
    }
    for _ in 0..4 {
        assert_eq!(fixture.get_as_reader(SEARCH).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_programs_of_one_is_good_at_the_other() {
    let fixture = two().await;
    for _ in 0..2 {
        let token = issue(&fixture).await;
        for _ in 0..4 {
            let told = fixture.get_with(API, &token, &[]).await;
            assert_eq!(told.status, 200, "{}", told.text());
        }
        assert_eq!(fixture.get_with(SEARCH, &token, SCRIPT).await.status, 401);
    }
}

/// As the frame's page does, which asks every three seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_framed_sign_in_finds_its_frame_wherever_it_was_left() {
    let fixture = two().await;
    for others in 0..3 {
        let put = format!("state={STATE}{others}&answer=%3Fcode%3Dx");
        assert_eq!(post(&fixture, "/rendezvous", put, None).await.status, 204);
        // Requests in between, as other people's are.
        for _ in 0..others {
            fixture.get("/config.json", &[]).await;
        }
        let take = || format!("state={STATE}{others}");
        let mut taken = Vec::new();
        for _ in 0..3 {
            let told = post(&fixture, "/rendezvous/take", take(), None).await;
            taken.push(told.status.as_u16());
        }
        let found = taken.iter().filter(|&&status| status == 200).count();
        assert_eq!(found, 1, "{taken:?}");
        assert!(taken[..2].contains(&200), "{taken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_is_gone_nobody_is_signed_out() {
    let fixture = two().await;
    let (session, program) = (fixture.token(), issue(&fixture).await);

    for gone in 0..2 {
        let instance = &fixture.deployment.instances[gone];
        instance.stop();
        for _ in 0..4 {
            assert_eq!(fixture.get_with(SEARCH, &session, SCRIPT).await.status, 200);
            assert_eq!(fixture.get_with(API, &program, &[]).await.status, 200);
            assert_eq!(fixture.get("/", &[]).await.status, 200);
        }
        assert_eq!(issue(&fixture).await.len(), program.len());
        instance.resume().await.expect("it comes back");
    }
}
