//! What is too long. AWS: `api-gateway-execution-service-limits-table`,
//! `api-gateway-known-issues`, `response-transfer-mode`. How requests with long
//! heads are refused is not documented.

use std::time::Duration;

use axum::body::Body;
use shell_tests::{
    api_gateway::{Api, Integration},
    client::Answer,
};

use super::fixture::{Deployed, buffer};

const PAYLOAD: usize = 10 * 1024 * 1024;

#[tokio::test]
async fn heads_have_a_longest_length() {
    let deployed = Deployed::open(|_| ()).await;
    // What the client sends besides.
    let host = deployed.origin.trim_start_matches("http://").len();
    let others = "host".len() + host + "authorization".len() + "Bearer x".len();
    let headers = |length: usize| "x".repeat(length - others - "x-long".len());
    let segment = "/prod/mlflow/x?y=";
    for (length, status) in [(20_480, 200), (20_481, 431)] {
        let long = headers(length);
        let sent = [("authorization", "Bearer x"), ("x-long", long.as_str())];
        let answer = deployed.ask("GET", "/prod/mlflow/x", &sent, "").await;
        assert_eq!(answer.status, status, "{length}");
    }
    for (length, status) in [(10_240, 200), (10_241, 414)] {
        let url = format!("{segment}{}", "z".repeat(length - segment.len()));
        assert_eq!(deployed.get(&url).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_method_arn_has_a_longest_length() {
    let deployed = Deployed::open(|_| ()).await;
    let rest = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/GET/mlflow/".len();
    for (length, status) in [(1_600, 200), (1_601, 414)] {
        let url = format!("/prod/mlflow/{}", "x".repeat(length - rest));
        assert_eq!(deployed.get(&url).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_request_has_ten_megabytes_at_most() {
    let deployed = Deployed::open(|_| ()).await;
    for (length, status) in [(PAYLOAD, 200), (PAYLOAD + 1, 413)] {
        let body = Body::from(vec![b'x'; length]);
        let headers = [("authorization", "Bearer x")];

        let answer = deployed.ask("POST", "/prod/mlflow/x", &headers, body).await;

        assert_eq!(answer.status, status, "{length}");
        if status == 200 {
            assert_eq!(answer.json()["length"], length);
            continue;
        }
        assert_eq!(answer.text(), r#"{"message":"Request Too Long"}"#);
        let error = answer.header("x-amzn-errortype");
        assert_eq!(error, "RequestTooLargeException");
    }
}

/// What a client is told of a long answer is reported, and not documented.
#[tokio::test]
async fn an_answer_has_ten_megabytes_at_most_unless_it_is_streamed() {
    let buffered = Deployed::open(buffer).await;
    let streamed = Deployed::open(|_| ()).await;
    let table = [
        (&buffered, PAYLOAD, 200),
        (&buffered, PAYLOAD + 1, 500),
        (&streamed, PAYLOAD + 1, 200),
    ];
    for (deployed, length, status) in table {
        let answer = deployed.get(&format!("/prod/mlflow/long/{length}")).await;
        assert_eq!(answer.status, status, "{length}");
        assert!(status != 200 || answer.body.len() == length);
    }
}

#[tokio::test]
async fn an_integration_has_29_seconds_unless_it_is_streamed() {
    let limits = Api::of("http://localhost", "http://localhost").limits;
    assert_eq!(limits.integration, Duration::from_secs(29));
    let hurried = |api: &mut Api| api.limits.integration = Duration::from_millis(150);
    let buffered = Deployed::open(|api| {
        hurried(api);
        buffer(api);
    })
    .await;
    for path in ["/prod/mlflow/never", "/prod/mlflow/late"] {
        is_late(&buffered.get(path).await);
    }
    let streamed = Deployed::open(hurried).await;
    assert_eq!(streamed.get("/prod/mlflow/late").await.text(), "..");
    let idle = Deployed::open(|api| api.limits.idle = Duration::from_millis(150)).await;
    is_late(&idle.get("/prod/mlflow/never").await);
}

fn is_late(answer: &Answer) {
    assert_eq!(answer.status, 504);
    assert_eq!(answer.text(), r#"{"message":"Endpoint request timed out"}"#);
}

#[tokio::test]
async fn an_integration_that_is_not_there_is_a_504() {
    let deployed = Deployed::open(|api| {
        for method in &mut api.methods {
            if let Integration::Proxy { uri, .. } = &mut method.integration {
                "http://127.0.0.1:1/{proxy}".clone_into(uri);
            }
        }
    })
    .await;
    let answer = deployed.get("/prod/mlflow/x").await;
    assert_eq!(answer.status, 504);
    let words = r#"{"message":"Network error communicating with endpoint"}"#;
    assert_eq!(answer.text(), words);
}
