//! What becomes of the provider's answers.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

use super::{Confidential, pairs};

/// What the provider answers, and what the page is told.
type Row = (&'static str, fn() -> Response, u16, Value);

#[tokio::test(flavor = "multi_thread")]
async fn the_providers_answer_is_handed_on() {
    let table: [Row; 9] = [
        (
            "a refusal",
            || {
                (
                    StatusCode::BAD_REQUEST,
                    r#"{"error":"invalid_grant","error_description":"over"}"#,
                )
                    .into_response()
            },
            400,
            json!({"error": "invalid_grant", "error_description": "over"}),
        ),
        (
            "too many requests",
            || (StatusCode::TOO_MANY_REQUESTS, "slow down").into_response(),
            429,
            Value::Null,
        ),
        (
            "out of order",
            || StatusCode::BAD_GATEWAY.into_response(),
            502,
            Value::Null,
        ),
        (
            "a page",
            || (StatusCode::FORBIDDEN, "<html>").into_response(),
            403,
            Value::Null,
        ),
        ("a list", || "[1]".into_response(), 200, Value::Null),
        (
            "a redirect",
            || Redirect::temporary("/elsewhere").into_response(),
            503,
            json!({"error": "temporarily_unavailable"}),
        ),
        (
            "that our own secret is wrong",
            || (StatusCode::UNAUTHORIZED, r#"{"error":"invalid_client"}"#).into_response(),
            503,
            json!({"error": "temporarily_unavailable"}),
        ),
        (
            "too much",
            || {
                json!({"access_token": "a".repeat(300 * 1024)})
                    .to_string()
                    .into_response()
            },
            503,
            json!({"error": "temporarily_unavailable"}),
        ),
        (
            "with a cookie",
            || {
                (
                    [("set-cookie", "a=b"), ("access-control-allow-origin", "*")],
                    r#"{"a":1}"#,
                )
                    .into_response()
            },
            200,
            json!({"a": 1}),
        ),
    ];
    for (case, answer, status, body) in table {
        let confidential = Confidential::answering("basic", answer).await;
        let form = confidential.exchange(&[]);
        let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
        assert_eq!(told.status, status, "{case}");
        let said = serde_json::from_str(&told.text()).unwrap_or(Value::Null);
        assert_eq!(said, body, "{case}");
        assert_eq!(told.header("set-cookie"), "", "{case}");
        assert_eq!(told.header("access-control-allow-origin"), "", "{case}");
        let reached: Vec<_> = confidential
            .asked()
            .into_iter()
            .map(|(path, ..)| path)
            .collect();
        assert_eq!(reached, ["/token"], "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_signs_nobody_out() {
    let confidential = Confidential::new().await;
    confidential.provider.stop();

    let form = confidential.exchange(&[]);
    let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;

    assert_eq!(told.status, 503);
    assert_eq!(told.json(), json!({"error": "temporarily_unavailable"}));
}
