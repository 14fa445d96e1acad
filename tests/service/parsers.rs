//! What is just beyond the bounds of a parser: it is refused, and the next
//! request is answered.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_core::bounds::{
    GRAPHQL_BODY, GRAPHQL_BRACKETS, GRAPHQL_LENGTH, JSON_DEPTH, REFERENCES_BODY, TOKEN_LENGTH,
};
use shell_tests::client::Answer;

use crate::fixture::{Fixture, SCRIPT};

const GRAPHQL: &str = "/mlflow/graphql";
const EXPERIMENTS: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";
const SET_TAG: &str = "/mlflow/ajax-api/2.0/mlflow/registered-models/set-tag";

/// What MLflow's own pages ask for.
const RUN: &str = "query GetRun($data: MlflowGetRunInput!) {
  mlflowGetRun(input: $data) { run { info { runName } } } }";

const BRACKETS: &str = "The GraphQL document has more than 128 brackets; those of MLflow's pages \
     have at most 22.";
const LENGTH: &str = "The GraphQL document has more than 8192 bytes; those of MLflow's pages have \
     at most 1651.";
const BODY: &str = "The GraphQL body has more than 32768 bytes; those of MLflow's pages have at \
     most 4409.";

async fn post(fixture: &Fixture, token: &str, path: &str, body: &str) -> Answer {
    let request = Request::post(format!("{}{path}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()));
    fixture.send(request.expect("a request")).await
}

/// What a reader is answered for a GraphQL body: the status, and the sentence.
async fn ask(fixture: &Fixture, body: &str) -> (u16, String) {
    let answer = post(fixture, &fixture.token(), GRAPHQL, body).await;
    let sentence = answer.json()["message"].clone();
    let sentence = sentence.as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), sentence)
}

fn body(document: &str) -> String {
    json!({ "query": document }).to_string()
}

/// A document of the length, most of it a comment.
fn of_length(length: usize) -> String {
    format!("{RUN}#{}", "x".repeat(length - RUN.len() - 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graphql_document_of_too_many_brackets_is_refused_and_the_next_is_read() {
    let fixture = Fixture::new().await;
    let over = GRAPHQL_BRACKETS;
    let nested = |open: &str, close: &str| [open.repeat(over), close.repeat(over)].concat();
    let documents = [
        format!("{{mlflowGetRun{}}}", nested("{a", "}")),
        format!("{{mlflowGetRun(a: {})}}", nested("[", "]")),
        format!("{{mlflowGetRun(a: {})}}", nested("{a: [", "]}")),
        format!("query($v: A = {}) {{mlflowGetRun}}", nested("[", "]")),
        format!(
            "query($v: {}A{}) {{mlflowGetRun}}",
            "[".repeat(over),
            "]".repeat(over)
        ),
        format!("{{mlflowGetRun {}}}", "@a(b: 1) ".repeat(over)),
        format!("{{mlflowGetRun(a: \"{}\")}}", "(".repeat(over)),
        format!("{{mlflowGetRun}} # {}", "(".repeat(over)),
    ];
    for document in documents {
        let refused = ask(&fixture, &body(&document)).await;
        assert_eq!(refused, (400, BRACKETS.to_owned()), "{document}");
        assert_eq!(ask(&fixture, &body(RUN)).await.0, 200, "after {document}");
    }
    let most = format!(
        "{{mlflowGetRun(a: {})}}",
        nested("[", "]").replacen("[[", "", 1).replacen("]]", "", 1)
    );
    assert_eq!(ask(&fixture, &body(&most)).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graphql_request_that_is_too_long_is_refused_and_the_next_is_read() {
    let fixture = Fixture::new().await;
    let variables = |length: usize| {
        let empty = json!({ "query": RUN, "variables": "" }).to_string();
        json!({ "query": RUN, "variables": "x".repeat(length - empty.len()) }).to_string()
    };
    let table = [
        (body(&of_length(GRAPHQL_LENGTH)), (200, "")),
        (body(&of_length(GRAPHQL_LENGTH + 1)), (413, LENGTH)),
        (variables(GRAPHQL_BODY), (200, "")),
        (variables(GRAPHQL_BODY + 1), (413, BODY)),
    ];
    for (body, (status, sentence)) in table {
        let told = ask(&fixture, &body).await;
        assert_eq!(told, (status, sentence.to_owned()), "{} bytes", body.len());
        assert_eq!(ask(&fixture, &self::body(RUN)).await.0, 200);
    }
}

/// Such a body grants nothing; an administrator may send it on.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_nested_too_deeply_names_nothing() {
    let team = r#"{"rules": [
        {"name": "administration", "groups": ["admins"], "allow": "everything"},
        {"name": "fraud", "groups": ["readers"], "models": ["fraud-*"],
         "allow": {"registered-models": ["write"]}}
    ]}"#;
    let fixture = Fixture::with(|spec| spec.with_policy(team)).await;
    let nested = |depth: usize| {
        let value = ["[".repeat(depth), "]".repeat(depth)].concat();
        format!(r#"{{"name": "fraud-1", "tags": {value}}}"#)
    };
    let short = r#"{"name": "fraud-1"}"#;
    let long = |length: usize| [short, &" ".repeat(length - short.len())].concat();
    let table = [
        (nested(JSON_DEPTH - 1), 200),
        (nested(JSON_DEPTH), 403),
        (long(REFERENCES_BODY), 200),
        (long(REFERENCES_BODY + 1), 403),
    ];
    for (body, expected) in table {
        let of_reader = post(&fixture, &fixture.token(), SET_TAG, &body).await;
        assert_eq!(of_reader.status, expected, "{} bytes", body.len());
        let of_admin = post(&fixture, &fixture.admin(), SET_TAG, &body).await;
        assert_eq!(of_admin.status, 200, "{} bytes", body.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_too_long_is_refused_and_the_next_is_read() {
    let fixture = Fixture::new().await;
    // Encoded it is a third longer, and still within `limits.head_bytes`.
    let filler = "x".repeat(TOKEN_LENGTH / 4 * 3);
    let token = fixture.token_with("email", filler.into());
    assert!(token.len() > TOKEN_LENGTH);
    let refused = fixture.get_with(EXPERIMENTS, &token, SCRIPT).await;
    assert_eq!(refused.status, 431);
    let said = refused.json()["message"].to_string();
    let length = format!(
        "the token of {} bytes is longer than {TOKEN_LENGTH}",
        token.len()
    );
    assert!(said.contains(&length), "{said}");
    assert!(said.contains("fewer groups"), "{said}");
    let nested = format!(
        "{}1{}",
        r#"{"a":"#.repeat(JSON_DEPTH),
        "}".repeat(JSON_DEPTH)
    );
    let nested: Value = serde_json::from_str(&nested).expect("it is not too deep by itself");
    let token = fixture.token_with("a", nested);
    assert_eq!(
        fixture.get_with(EXPERIMENTS, &token, SCRIPT).await.status,
        401
    );
    assert_eq!(fixture.get_as_reader(EXPERIMENTS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_too_many_segments_is_refused_and_the_next_is_read() {
    let fixture = Fixture::new().await;
    let refused = fixture
        .get_as_admin(&format!("/mlflow{}", "/a".repeat(65)))
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        fixture
            .get_as_admin(&format!("/mlflow{}", "/a".repeat(64)))
            .await
            .status,
        200
    );
}
