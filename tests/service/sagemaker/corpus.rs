//! Every request of `corpus.json` arrives signed as botocore signs it.

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use serde_json::{Value, json};
use shell_tests::sagemaker::{Keys, Kind};

use super::managed;
use crate::fixture::Fixture;

const CORPUS: &str = include_str!("corpus.json");

#[tokio::test(flavor = "multi_thread")]
async fn botocore_signs_every_request_as_we_do() {
    let corpus: Vec<Value> = serde_json::from_str(CORPUS).expect("as the test needs it");
    for kind in [Kind::TrackingServer, Kind::App] {
        for keys in [Keys::TEMPORARY, Keys::PERMANENT] {
            let Some(fixture) = managed(kind, keys).await else {
                return;
            };
            for asked in &corpus {
                check(&fixture, kind, keys, asked).await;
            }
            let seen = judged(&fixture).await;
            assert_eq!(seen.len(), corpus.len(), "nothing was sent twice");
            assert!(seen.iter().all(|seen| seen["equal"] == json!(true)));
        }
    }
}

async fn check(fixture: &Fixture, kind: Kind, keys: Keys, asked: &Value) {
    let answer = fixture.send(request(fixture, asked)).await;
    let seen = judged(fixture).await.pop().expect("it was asked");
    assert_eq!(seen["equal"], json!(true), "{asked}: {seen}");
    let status = answer.status;
    assert!(status.is_success(), "{asked}: {status} {}", answer.text());

    let headers = &seen["headers"];
    let arn = match kind {
        Kind::TrackingServer => "x-mlflow-sm-tracking-server-arn",
        Kind::App => "x-sm-mlflow-app-arn",
    };
    assert_eq!(headers[arn], kind.arn(), "{asked}");
    assert_eq!(headers["x-amz-security-token"].as_str(), keys.token);
    for absent in ["cookie", "connection", "transfer-encoding", "date"] {
        assert!(headers[absent].is_null(), "{asked}: {absent}");
    }
    let is_long = body(asked).len() > 1024 * 1024;
    assert_eq!(seen["payload"] == "UNSIGNED-PAYLOAD", is_long, "{asked}");
    assert!(
        !seen["target"]
            .as_str()
            .expect("as the test needs it")
            .contains('+'),
        "{asked}"
    );
}

/// What was asked of the server, but for its version, which the gateway asks for by itself.
async fn judged(fixture: &Fixture) -> Vec<Value> {
    let mut seen = fixture.seen().await;
    seen.retain(|seen| seen["target"] != "/version");
    seen
}

fn request(fixture: &Fixture, asked: &Value) -> Request<Body> {
    let text = |key: &str| asked[key].as_str().unwrap_or_default();
    let query = asked["query"].as_str().map(|query| format!("?{query}"));
    let (origin, path) = (&fixture.deployment.origin, text("path"));
    let request = Request::builder()
        .method(text("method"))
        .uri(format!(
            "{origin}/mlflow{path}{}",
            query.unwrap_or_default()
        ))
        .header("authorization", format!("Bearer {}", fixture.admin()))
        .header("cookie", "a=b; aws-session=stolen")
        .header("x-amz-date", "20200101T000000Z")
        .header("x-amz-security-token", "made-up")
        .header("x-sm-mlflow-app-arn", "arn:of:somebody:else")
        .header("content-type", "application/json");
    request
        .body(Body::from(body(asked)))
        .expect("as the test needs it")
}

fn body(asked: &Value) -> Bytes {
    let body = &asked["body"];
    if let Some(zeros) = body["zeros"].as_u64() {
        return vec![0; usize::try_from(zeros).expect("as the test needs it")].into();
    }
    if let Some(text) = body["hex"].as_str() {
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("as the test needs it");
        return (0..text.len()).step_by(2).map(byte).collect();
    }
    body["text"].as_str().unwrap_or_default().to_owned().into()
}
