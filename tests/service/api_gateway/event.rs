//! What the authorizer is told. AWS: `api-gateway-lambda-authorizer-input`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fixture::Deployed;

/// The event that our authorizer is tested with.
const DOCUMENTED: &str = include_str!("../../../crates/authorizer/fixtures/request.json");

#[tokio::test]
async fn the_event_has_every_documented_field() {
    let documented: Value = serde_json::from_str(DOCUMENTED).unwrap();

    let event = event("POST", "/prod/mlflow/ajax-api/2.0/mlflow/runs/search").await;

    assert_eq!(fields(&event), fields(&documented));
    let time = event["requestContext"]["requestTime"].as_str().unwrap();
    let like = documented["requestContext"]["requestTime"].as_str();
    let form = |text: &str| text.replace(|it: char| it.is_ascii_alphanumeric(), "0");
    assert_eq!(form(time), form(like.unwrap()), "{time}");
}

#[tokio::test]
async fn the_event_tells_of_the_request() {
    let event = event("GET", "/prod/mlflow/a%20b/c?x=1&x=2&y=%2F%C3%A4").await;

    let arn = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/GET/mlflow/a%20b/c";
    let table = [
        ("/type", json!("REQUEST")),
        ("/methodArn", json!(arn)),
        ("/resource", json!("/mlflow/{proxy+}")),
        ("/path", json!("/mlflow/a%20b/c")),
        ("/httpMethod", json!("GET")),
        ("/headers/Authorization", json!("Bearer x")),
        ("/multiValueHeaders/X-Twice", json!(["1", "2"])),
        ("/headers/X-Twice", json!("2")),
        (
            "/headers/Host",
            json!("abcdef1234.execute-api.eu-central-1.amazonaws.com"),
        ),
        ("/pathParameters/proxy", json!("a%20b/c")),
        ("/queryStringParameters", json!({ "x": "2", "y": "/ä" })),
        (
            "/multiValueQueryStringParameters",
            json!({ "x": ["1", "2"], "y": ["/ä"] }),
        ),
        ("/requestContext/path", json!("/prod/mlflow/a%20b/c")),
        ("/requestContext/resourcePath", json!("/mlflow/{proxy+}")),
        ("/requestContext/stage", json!("prod")),
    ];
    for (pointer, expected) in table {
        assert_eq!(event.pointer(pointer), Some(&expected), "{pointer}");
    }
}

/// The event for a request.
async fn event(verb: &str, path: &str) -> Value {
    let deployed = Deployed::open(|_| ()).await;
    let headers = [
        ("authorization", "Bearer x"),
        ("x-twice", "1"),
        ("x-twice", "2"),
    ];
    let answer = deployed.ask(verb, path, &headers, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut events = deployed.gateway.events();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

/// The names at the top and in the request's context, whose headers and
/// parameters are the request's own.
fn fields(event: &Value) -> BTreeSet<String> {
    let names = |pointer: &str| {
        let object = event.pointer(pointer).and_then(Value::as_object);
        let names = object.into_iter().flat_map(serde_json::Map::keys);
        names
            .map(|name| format!("{pointer}/{name}"))
            .collect::<Vec<_>>()
    };
    let all = ["", "/requestContext", "/requestContext/identity"];
    all.iter().flat_map(|pointer| names(pointer)).collect()
}
