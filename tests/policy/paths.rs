//! Spellings of a write that may be taken for a read, sent by a reader.

use serde_json::json;

use crate::{
    deployment::{ADMIN, PolicyDeployment, READER},
    raw,
};

const BODY: &str = r#"{"name": "by-a-reader", "experiment_id": "0", "run_id": "x"}"#;

/// Request lines that mean to create an experiment.
fn lines() -> Vec<String> {
    let api = "/mlflow/api/2.0/mlflow";
    let ajax = "/mlflow/ajax-api/2.0/mlflow";
    let posts = [
        // Encoded, in whole and in part, once and twice.
        format!("{api}%2Fexperiments%2Fcreate"),
        format!("{api}/experiments/creat%65"),
        format!("{api}/experiments%2fcreate?x=1"),
        format!("{api}/experiments%252fcreate"),
        format!("{api}/experiments/%63%72%65%61%74%65"),
        "/mlflow/%61pi/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/api%2f2.0%2fmlflow%2fexperiments%2fcreate".to_owned(),
        // Around what may be read.
        format!("{api}/experiments/search/../create"),
        format!("{api}/experiments/search/%2e%2e/create"),
        format!("{api}/experiments/search/%2E%2e%2Fcreate"),
        format!("{api}/experiments/search%2f..%2fcreate"),
        format!("{api}/experiments/search/..\\create"),
        format!("{api}/experiments/search/..%5ccreate"),
        format!("{api}/runs/search/../../experiments/create"),
        format!("{ajax}/experiments/./create"),
        "/mlflow/static-files/../api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/static-files/%2e%2e/api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/static-files/..%2fapi/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/static-files//../api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/get-artifact/../api/2.0/mlflow/experiments/create".to_owned(),
        // Slashes too many.
        "/mlflow//api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow///api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/%2fapi/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/api//2.0/mlflow/experiments/create".to_owned(),
        format!("{api}/experiments//create"),
        format!("{api}/experiments/create/"),
        format!("{api}/experiments/create%2f"),
        "//mlflow/api/2.0/mlflow/experiments/create".to_owned(),
        // Parameters, fragments, ends.
        format!("{api}/experiments/create;x=1"),
        format!("{api}/experiments;/create"),
        format!("{api}/experiments/search;/../create"),
        format!("{api}/experiments/create%3Fx"),
        format!("{api}/experiments/create%23"),
        format!("{api}/experiments/create%00"),
        format!("{api}/experiments/create%20"),
        format!("{api}/experiments/create%0d%0a"),
        format!("{api}/experiments/create?/search"),
        format!("{api}/experiments/create?path=/api/2.0/mlflow/experiments/search"),
        // Letters.
        "/mlflow/API/2.0/mlflow/experiments/create".to_owned(),
        format!("{api}/Experiments/Create"),
        format!("{api}/experiments/%EF%BD%83reate"),
        format!("{api}/experiments/cre%C3%A2te"),
        format!("{api}/experiments%c0%afcreate"),
        format!("{api}/experiments%e0%80%afcreate"),
        format!("{api}/experiments%u002fcreate"),
        // Other ways in.
        "/mlflow/mlflow/api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/ajax-api/2.0/preview/mlflow/experiments/create".to_owned(),
        "/mlflow/ajax-api/3.0/mlflow/experiments/create".to_owned(),
        "/api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/@/api/2.0/mlflow/experiments/create".to_owned(),
        "/mlflow/@shell/api/2.0/mlflow/experiments/create".to_owned(),
        "http://elsewhere.example/mlflow/api/2.0/mlflow/experiments/create".to_owned(),
    ];
    let mut lines: Vec<String> = posts.iter().map(|path| format!("POST {path}")).collect();
    let create = format!("{api}/experiments/create");
    for method in [
        "post", "Post", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "POST\t",
    ] {
        lines.push(format!("{method} {create}"));
        lines.push(format!("{method} {create}?_method=POST&method=POST"));
    }
    for writes in ["registered-models/create", "runs/create"] {
        lines.push(format!("POST {api}/{writes}"));
        lines.push(format!("POST {api}%2f{}", writes.replace('/', "%2f")));
    }
    lines
}

/// Headers by which some servers take a request for another.
const HEADERS: [(&str, &str); 9] = [
    ("x-http-method-override", "POST"),
    ("x-http-method", "POST"),
    ("x-method-override", "POST"),
    ("x-original-url", "/api/2.0/mlflow/experiments/create"),
    ("x-rewrite-url", "/api/2.0/mlflow/experiments/create"),
    ("x-forwarded-prefix", "/api/2.0/mlflow/experiments/create"),
    ("x-script-name", "/api/2.0/mlflow"),
    ("content-encoding", "identity"),
    ("x-accel-redirect", "/api/2.0/mlflow/experiments/create"),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_makes_a_readers_write_succeed() {
    for deployment in PolicyDeployment::all().await.iter() {
        let before = deployment.stored();
        let bearer = format!("Bearer {}", deployment.token(READER));
        let mut count = 0;
        let mut send = |line: &str, header: Option<(&str, &str)>, body: &str| {
            let mut headers = vec![("authorization", bearer.as_str())];
            headers.extend(header);
            // A line that is no HTTP may be answered by closing the connection.
            let status = raw::send(&deployment.inner.origin, line, &headers, body);
            let is_error = status.as_ref().map_or(true, |status| *status >= 400);
            count += 1;
            (
                is_error,
                format!("{}: {line} {header:?}: {status:?}", deployment.version),
            )
        };
        for line in lines() {
            let (is_error, said) = send(&line, None, BODY);
            assert!(is_error, "{said}");
        }
        let api = "/mlflow/api/2.0/mlflow/experiments";
        for header in HEADERS {
            for line in [
                "POST {}/create",
                "POST {}/search",
                "GET {}/search?max_results=1",
            ] {
                send(&line.replace("{}", api), Some(header), BODY);
                send(&line.replace("{}", api), Some(header), "");
            }
        }
        deployment.refuse_change(&before);
        report(deployment, count);
    }
}

#[expect(clippy::print_stderr, reason = "the figures are a result")]
fn report(deployment: &PolicyDeployment, sent: usize) {
    eprintln!(
        "MLflow {}: {sent} spellings of a write, none succeeded",
        deployment.version
    );
}

/// That nothing changed means something: sent as it should be, it does.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_write_changes_the_store_for_whoever_may() {
    for deployment in PolicyDeployment::all().await.iter() {
        let before = deployment.stored();
        let path = "/api/2.0/mlflow%2Fexperiments/creat%65";
        deployment
            .done(ADMIN, "POST", path, json!({ "name": "by-an-admin" }))
            .await;
        assert!(deployment.stored() != before, "{}", deployment.version);
    }
}
