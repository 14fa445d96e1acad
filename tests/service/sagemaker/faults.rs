//! AWS's errors, as users see them.

use serde_json::{Value, json};

use super::{managed, tracking_server};
use crate::fixture::Fixture;
use shell_tests::sagemaker::{Keys, Kind};

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// Asks once, with this answer of AWS's, and returns status, code and words.
async fn told(fixture: &Fixture, status: u16, kind: &str, body: &Value) -> (u16, String, String) {
    let headers = if kind.is_empty() {
        json!({})
    } else {
        json!({ "x-amzn-ErrorType": kind })
    };
    let answer = json!({ "status": status, "headers": headers, "body": body.to_string() });
    fixture.tell(json!({ "answers": [answer] })).await;
    said(fixture).await
}

async fn said(fixture: &Fixture) -> (u16, String, String) {
    let answer = fixture.get_as_reader(SEARCH).await;
    let json = answer.json();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text("error_code"), text("message"))
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_aws_are_sentences_in_mlflows_json() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    let denied = "User: arn:aws:sts::123456789012:assumed-role/gw/s is not authorized to perform: \
                  sagemaker-mlflow:SearchExperiments on resource: arn:aws:sagemaker:…";
    let table = [
        (
            403,
            "AccessDeniedException",
            denied,
            (
                403,
                "PERMISSION_DENIED",
                "sagemaker-mlflow:SearchExperiments",
            ),
        ),
        (
            404,
            "ResourceNotFoundException",
            "Tracking server not found",
            (404, "ENDPOINT_NOT_FOUND", "AWS has no tracking server"),
        ),
        (
            400,
            "ValidationException",
            "The tracking server is in Stopped state",
            (502, "TEMPORARILY_UNAVAILABLE", "is not running"),
        ),
        (
            401,
            "",
            "Unauthorized",
            (502, "TEMPORARILY_UNAVAILABLE", "found the signature"),
        ),
        (
            429,
            "ThrottlingException",
            "Rate exceeded",
            (429, "REQUEST_LIMIT_EXCEEDED", "too many requests"),
        ),
        (
            500,
            "InternalFailure",
            "",
            (
                500,
                "TEMPORARILY_UNAVAILABLE",
                "failed and does not say why",
            ),
        ),
        (
            503,
            "ServiceUnavailable",
            "",
            (
                503,
                "TEMPORARILY_UNAVAILABLE",
                "failed and does not say why",
            ),
        ),
    ];
    for (status, kind, message, (expected, code, words)) in table {
        let body = json!({ "message": message });
        let (status, said_code, said) = told(&fixture, status, kind, &body).await;
        assert_eq!(status, expected, "{kind}: {said}");
        assert_eq!(said_code, code, "{kind}");
        assert!(said.contains(words), "{kind}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_mlflow_stay_as_they_are() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    for (status, code) in [
        (404, "RESOURCE_DOES_NOT_EXIST"),
        (400, "INVALID_PARAMETER_VALUE"),
    ] {
        let body = json!({ "error_code": code, "message": "MLflow's words" });
        let said = told(&fixture, status, "", &body).await;
        assert_eq!(said, (status, code.to_owned(), "MLflow's words".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_aws_does_not_take_are_said_to_be_so() {
    let Some(fixture) = tracking_server().await else {
        return;
    };
    let Keys { id, token, .. } = Keys::TEMPORARY;
    let wrong = json!({ id: { "secret": "another", "token": token } });
    let ended = json!({ id: { "secret": Keys::TEMPORARY.secret, "token": token, "ended": true } });
    let table = [
        (json!({}), "does not know the credentials"),
        (wrong, "found the signature"),
        (ended, "have ended"),
    ];
    for (keys, words) in table {
        fixture.tell(json!({ "keys": keys })).await;
        let (status, _, said) = said(&fixture).await;
        assert_eq!(status, 502, "{said}");
        assert!(said.contains(words), "{said}");
        assert!(
            !said.contains(token.expect("as the test needs it")),
            "AWS's words are not ours"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_credentials_are_replaced_and_the_request_repeated() {
    let Some(fixture) = managed(Kind::App, Keys::TEMPORARY).await else {
        return;
    };
    let body = json!({ "message": "The security token included in the request is expired" });
    let (status, ..) = told(&fixture, 403, "ExpiredTokenException", &body).await;
    assert_eq!(status, 200);
    assert_eq!(fixture.seen().await.len(), 2);
}
