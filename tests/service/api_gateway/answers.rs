//! What becomes of an authorizer's answer, and of others' answers on the way.

use serde_json::{Value, json};
use shell_tests::api_gateway::Outcome;

use super::fixture::{Deployed, SITE, allowing, canned, policy, statement};

/// AWS: `api-gateway-lambda-authorizer-output`, `supported-gateway-response-types`.
#[tokio::test]
async fn an_authorizers_answer_decides() {
    let explicit = "User is not authorized to access this resource with an explicit deny";
    let implicit = "User is not authorized to access this resource";
    let denied = |words: &str| (403, "AccessDeniedException", json!({ "Message": words }));
    let unauthorized = (
        401,
        "UnauthorizedException",
        json!({ "message": "Unauthorized" }),
    );
    let broken = || {
        (
            500,
            "AuthorizerConfigurationException",
            json!({ "message": null }),
        )
    };
    let both = json!([statement("Allow", "*"), statement("Deny", "*/GET/mlflow/*")]);
    let failure = |words: &str| Outcome::Failure(words.to_owned());
    let table = [
        (
            Outcome::Answer(policy(&json!([statement("Deny", "*")]))),
            denied(explicit),
        ),
        (Outcome::Answer(policy(&both)), denied(explicit)),
        (Outcome::Answer(allowing("*/GET/other")), denied(implicit)),
        (Outcome::Answer(policy(&json!([]))), denied(implicit)),
        (failure("Unauthorized"), unauthorized),
        (failure("unauthorized"), broken()),
        (failure("Unauthorized: it ended"), broken()),
        (failure("no keys"), broken()),
        (Outcome::Answer(Value::Null), broken()),
        (Outcome::Answer(json!({ "policyDocument": {} })), broken()),
        (
            Outcome::Answer(with("context", json!({ "groups": ["a"] }))),
            broken(),
        ),
        (Outcome::Answer(with("principalId", json!(""))), broken()),
        (Outcome::Answer(allowing(&"x".repeat(513))), broken()),
    ];
    for (outcome, (status, error, body)) in table {
        let deployed = Deployed::new(|_| (), canned(outcome.clone())).await;

        let answer = deployed.get("/prod/mlflow/x").await;

        assert_eq!(answer.status, status, "{outcome:?}");
        assert_eq!(answer.header("x-amzn-errortype"), error, "{outcome:?}");
        assert_eq!(answer.json(), body, "{outcome:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_ne!(answer.header("x-amzn-requestid"), "");
        // As it is configured; none of it is by default.
        assert_eq!(answer.header("access-control-allow-origin"), SITE);
    }
}

#[tokio::test]
async fn who_is_allowed_gets_the_integrations_answer() {
    let context = json!({ "groups": "admins readers", "count": 2, "is": true });
    let outcome = Outcome::Answer(with("context", context));
    let deployed = Deployed::new(|_| (), canned(outcome)).await;

    let answer = deployed.get("/prod/mlflow/x?y=z").await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["url"], "/x?y=z");
}

/// AWS: `api-gateway-known-issues`.
#[tokio::test]
async fn some_headers_change_on_the_way_back() {
    let deployed = Deployed::open(|_| ()).await;

    let refused = deployed.get("/prod/mlflow/refused").await;

    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), "");
    assert_eq!(refused.header("x-amzn-remapped-www-authenticate"), "Basic");
    assert_eq!(refused.header("server"), "");
    assert_eq!(refused.header("x-amzn-remapped-server"), "mlflow");
    let unnamed = deployed.get("/prod/mlflow/unnamed").await;
    assert_eq!(unnamed.header("content-type"), "application/json");
}

/// AWS: `api-gateway-known-issues`, and what the template sets.
#[tokio::test]
async fn some_headers_change_on_the_way_there() {
    let deployed = Deployed::open(|_| ()).await;
    let sent = [
        ("authorization", "Bearer x"),
        ("origin", "null"),
        ("host", "site.example.com"),
        ("te", "trailers"),
        ("max-forwards", "3"),
        ("x-mlflow-workspace", "team"),
    ];

    let answer = deployed.ask("GET", "/prod/mlflow/x", &sent, "").await;

    let seen = &answer.json()["headers"];
    assert_eq!(seen["authorization"], "none");
    assert_eq!(seen["origin"], SITE);
    assert_eq!(seen["x-mlflow-workspace"], "team");
    assert_eq!(seen["x-amzn-apigateway-api-id"], "abcdef1234");
    assert_eq!(seen["te"], Value::Null);
    assert_eq!(seen["max-forwards"], Value::Null);
    let host = seen["host"].as_str().unwrap();
    assert!(host.starts_with("localhost:"), "{host}");
}

/// A good answer with one thing changed.
fn with(key: &str, value: Value) -> Value {
    let mut answer = allowing("*");
    answer[key] = value;
    answer
}
