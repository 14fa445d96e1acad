//! What passes: cookies, clocks, long bodies.

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures_util::stream;
use serde_json::json;

use super::tracking_server;
use crate::fixture::{Fixture, SCRIPT};

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

#[tokio::test(flavor = "multi_thread")]
async fn cookies_and_signatures_stay_where_they_belong() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    let headers = [
        ("cookie", "a=b"),
        ("x-amz-target", "SageMaker.DeleteMlflowTrackingServer"),
        ("x-mlflow-workspace", "mine"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-user", "root"),
        ("remote_user", "root"),
        ("x-amzn-oidc-identity", "root"),
        ("range", "bytes=0-9"),
    ];

    let answer = fixture
        .get_with("/mlflow/get-artifact?a=b", &fixture.token(), &headers)
        .await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("set-cookie"), "", "it is AWS's");
    let seen = fixture.seen().await.pop().expect("as the test needs it");
    let seen = &seen["headers"];
    for absent in [
        "cookie",
        "x-amz-target",
        "x-forwarded-for",
        "x-forwarded-user",
        "remote_user",
        "x-amzn-oidc-identity",
        "origin",
    ] {
        assert!(seen[absent].is_null(), "{absent}");
    }
    assert_eq!(seen["x-mlflow-workspace"], "mine");
    assert_eq!(seen["range"], "bytes=0-9");
    let signature = seen["authorization"]
        .as_str()
        .expect("as the test needs it");
    assert!(signature.starts_with("AWS4-HMAC-SHA256 "), "{signature}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_with_a_signature_goes_nowhere() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    let path = format!("{SEARCH}?X-Amz-Signature=00");
    let answer = fixture.get_as_reader(&path).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("keys of an AWS signature"));
    assert!(fixture.seen().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_set_by_aws_and_the_request_repeated() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    // Each sends once more than the one before it: the clock is learnt once.
    for (ahead, sent) in [(0, 1), (3600, 2), (3600, 1), (-3600, 2), (0, 2), (120, 1)] {
        fixture.tell(json!({ "ahead": ahead })).await;
        let before = fixture.seen().await.len();
        let answer = fixture.get_as_reader(SEARCH).await;
        assert_eq!(answer.status, 200, "{ahead}: {}", answer.text());
        assert_eq!(fixture.seen().await.len() - before, sent, "{ahead}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_upload_is_not_repeated_but_the_clock_is_learnt() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    fixture.tell(json!({ "ahead": -3600 })).await;
    let refused = upload(&fixture, 2).await;
    assert_eq!(refused.status, 502);
    assert!(refused.text().contains("Send the request again"));
    assert_eq!(upload(&fixture, 2).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_megabytes_pass_as_they_arrive() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    let answer = upload(&fixture, 200).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.text(), (200 * 1024 * 1024).to_string());
    let seen = fixture.seen().await.pop().expect("as the test needs it");
    assert_eq!(seen["payload"], "UNSIGNED-PAYLOAD");
    assert_eq!(seen["equal"], json!(true));
}

/// Uploads as many megabytes, in pieces and without saying how many.
async fn upload(fixture: &Fixture, megabytes: usize) -> shell_tests::client::Answer {
    let piece = Bytes::from(vec![7; 1024 * 1024]);
    let pieces = (0..megabytes).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
    let request = Request::put(format!("{}/mlflow/counted", fixture.deployment.origin))
        .header("authorization", format!("Bearer {}", fixture.admin()))
        .header(SCRIPT[0].0, SCRIPT[0].1);
    let body = Body::from_stream(stream::iter(pieces));
    fixture
        .send(request.body(body).expect("as the test needs it"))
        .await
}
