//! Policies of a site's own, in force while the gateway runs.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_core::bounds::REFERENCES_BODY;

use crate::fixture::{Fixture, SCRIPT};

const API: &str = "/mlflow/ajax-api/2.0/mlflow";

const TEAM: &str = r#"{"rules": [
    {"name": "administration", "groups": ["admins"], "allow": "everything"},
    {"name": "reading", "groups": ["team"], "allow": {"registered-models": ["read"]}},
    {"name": "fraud-models", "groups": ["team"], "models": ["fraud-*"],
     "allow": {"registered-models": ["write"]}}
]}"#;

async fn send(fixture: &Fixture, path: &str, body: impl Into<Body>) -> (u16, Value) {
    let token = fixture.token_with("cognito:groups", json!(["team"]));
    let request = Request::post(format!("{}{path}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.into())
        .expect("a request");
    let answer = fixture.send(request).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_rule_covers_what_mlflow_will_read_in_the_body() {
    let fixture = Fixture::with(|spec| spec.with_policy(TEAM)).await;
    let path = format!("{API}/registered-models/set-tag");
    let long = format!(
        r#"{{"name": "fraud-1", "value": "{}"}}"#,
        "x".repeat(REFERENCES_BODY)
    );
    let table: [(&[u8], u16); 8] = [
        (br#"{"name": "fraud-1", "key": "a"}"#, 200),
        (br#"{"name": "other"}"#, 403),
        (br#"{"name": "other", "name": "fraud-1"}"#, 403),
        (br#"{"name": "fraud-1", "n\u0061me": "other"}"#, 403),
        (br#""{\"name\": \"fraud-1\"}""#, 403),
        (b"\xff\xfe{\0\"\0n\0", 403),
        (b"", 403),
        (long.as_bytes(), 403),
    ];
    for (body, status) in table {
        let (found, told) = send(&fixture, &path, body.to_vec()).await;
        assert_eq!(found, status, "{}", String::from_utf8_lossy(body));
        if status == 200 {
            assert_eq!(told["length"], body.len(), "the body arrives whole");
        }
    }
    assert_eq!(fixture.reached().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_is_judged_by_the_fields_of_its_document() {
    let fixture = Fixture::with(|spec| spec.with_policy(TEAM)).await;
    let table = [
        (
            json!({"query": "{ mlflowSearchModelVersions { __typename } }"}),
            200,
        ),
        (json!({"query": "{ a: mlflowGetRun { __typename } }"}), 403),
        (
            json!({"query": "query A { mlflowSearchModelVersions } query B { mlflowGetRun }", "operationName": "A"}),
            403,
        ),
        (json!({"query": "mutation { mlflowDeleteEverything }"}), 403),
        (json!({"query": "not GraphQL"}), 403),
        (json!({}), 403),
        (json!("{\"query\": \"{ mlflowSearchModelVersions }\"}"), 403),
    ];
    for (body, status) in table {
        let (found, _) = send(&fixture, "/mlflow/graphql", body.to_string()).await;
        assert_eq!(found, status, "{body}");
    }
    let (found, _) = send(&fixture, "/mlflow/graphql", vec![b'x'; 2 * 1024 * 1024]).await;
    assert_eq!(found, 413);
    assert_eq!(fixture.reached().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_replaced_while_the_gateway_runs_and_a_bad_one_is_not() {
    let fixture = Fixture::new().await;
    let path = format!("{API}/registered-models/search");
    let reader = async || fixture.get_as_reader(&path).await.status.as_u16();
    let roles = async || fixture.get("/config.json", SCRIPT).await.json()["roles"].clone();
    assert_eq!(reader().await, 200);
    assert_eq!(roles().await[0]["rights"], "can do everything");
    assert_eq!(roles().await.as_array().map(Vec::len), Some(3));

    fixture
        .deployment
        .policy
        .replace(TEAM)
        .expect("a good policy");
    assert_eq!(reader().await, 403);
    let team = json!({"group": "team", "rights": "can read registered models and change certain registered models"});
    assert_eq!(roles().await[1], team);

    let error = fixture
        .deployment
        .policy
        .replace(r#"{"rules": [{"name": "x"}]}"#);
    assert_eq!(
        error.expect_err("it is for nobody").to_string(),
        "the policy's `rules[0].groups` is missing"
    );
    assert_eq!(reader().await, 403);
    assert_eq!(roles().await[1], team);
}
