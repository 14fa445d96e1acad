//! Which names are written down, and which never.

use std::{io::Write, net::TcpStream};

use axum::{body::Body, http};
use serde_json::{Value, json};
use shell_tests::wait;

use super::{lines, send};
use crate::fixture::Fixture;

/// The AI gateway's, secrets', guardrails', budgets' and others' of MLflow 3, of
/// which neither a secret nor what is said to a model is written down.
#[tokio::test(flavor = "multi_thread")]
async fn the_names_of_mlflow_3_are_known_and_its_secrets_are_not() {
    let fixture = Fixture::new().await;
    let (api, gateway) = (
        "/mlflow/ajax-api/3.0/mlflow",
        "/mlflow/ajax-api/3.0/mlflow/gateway",
    );
    let many: Vec<String> = (0..40).map(|number| format!("tr-{number}")).collect();
    let listed = many[..32].iter().map(String::as_str).chain(["…"]);
    let listed: Vec<&str> = listed.collect();
    let table = [
        (
            format!("{gateway}/secrets/create"),
            json!({"secret_name": "openai", "secret_value": {"api_key": "pssst"},
                   "provider": "openai", "auth_config": {"auth_mode": "pssst"}, "created_by": "x"}),
            json!({"secret_name": "openai"}),
        ),
        (
            format!("{gateway}/secrets/update"),
            json!({"secret_id": "s-1", "secret_value": {"api_key": "pssst"}}),
            json!({"secret_id": "s-1"}),
        ),
        (
            format!("{gateway}/endpoints/models/attach"),
            json!({"endpoint_id": "e-1", "model_config": {"model_definition_id": "pssst"}}),
            json!({"endpoint_id": "e-1"}),
        ),
        (
            format!("{gateway}/guardrails/add-to-endpoint"),
            json!({"endpoint_id": "e-1", "guardrailId": "g-1"}),
            json!({"endpoint_id": "e-1", "guardrail_id": "g-1"}),
        ),
        (
            format!("{gateway}/budgets/update"),
            json!({"budget_policy_id": "b-1", "budget_amount": 5}),
            json!({"budget_policy_id": "b-1"}),
        ),
        (
            format!("{api}/review-queues/items/add"),
            json!({"queue_id": "q-1", "item_ids": ["tr-1", "tr-2"], "item_type": 1}),
            json!({"queue_id": "q-1", "item_ids": ["tr-1", "tr-2"]}),
        ),
        (
            format!("{api}/traces/delete-traces"),
            json!({"experiment_id": "1", "request_ids": many}),
            json!({"experiment_id": "1", "request_ids": listed}),
        ),
        (
            // What the path names no body hides.
            format!("{api}/datasets/d-1/add-experiments"),
            json!({"dataset_id": "decoy", "experiment_ids": ["1"]}),
            json!({"dataset_id": "d-1", "experiment_ids": ["1"]}),
        ),
        (
            "/mlflow/gateway/mlflow/v1/chat/completions".to_owned(),
            json!({"model": "gpt", "messages": [{"role": "user", "content": "pssst"}]}),
            json!({"model": "gpt"}),
        ),
        (
            "/mlflow/gateway/gpt/mlflow/invocations".to_owned(),
            json!({"messages": [{"role": "user", "content": "pssst"}]}),
            json!({"endpoint_name": "gpt"}),
        ),
        (
            "/mlflow/api/2.0/mlflow/webhooks".to_owned(),
            json!({"name": "hook", "url": "https://pssst.example", "secret": "pssst"}),
            json!({"name": "hook"}),
        ),
        (
            "/mlflow/api/2.0/mlflow/users/create".to_owned(),
            json!({"username": "alice", "password": "pssst"}),
            json!({"username": "alice"}),
        ),
    ];
    for (path, body, names) in table {
        let before = lines(&fixture).len();
        send(&fixture, "admins", "POST", &path, &body.to_string()).await;
        let line = lines(&fixture).swap_remove(before);
        assert_eq!(
            (&line["names"], &line["body"]),
            (&names, &Value::Null),
            "{path}"
        );
    }
    let all = fixture.deployment.audit.text();
    assert!(!all.contains("pssst"), "{all}");
}

/// Who asks, for what, with which headers and body.
type Request<'a> = (&'a str, &'a str, Headers<'a>, &'a str);

const OTLP: Headers<'_> = &[("x-mlflow-experiment-id", "7"), ("x-mlflow-run-id", "r1")];
const OF_NO_SPANS: Headers<'_> = &[("x-mlflow-experiment-id", "decoy")];
const WORKSPACE: Headers<'_> = &[("x-mlflow-workspace", "w")];
const TWO_WORKSPACES: Headers<'_> = &[("x-mlflow-workspace", "w"), ("x-mlflow-workspace", "v")];
/// MLflow does not see it.
const HIDDEN: Headers<'_> = &[
    ("x-mlflow-workspace", "w"),
    ("connection", "x-mlflow-workspace"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_header_or_a_path_names_is_kept_when_a_body_cannot_be_read() {
    let fixture = Fixture::new().await;
    let (spans, webhook) = (
        "/mlflow/v1/traces",
        "/mlflow/api/2.0/mlflow/webhooks/w-1/test",
    );
    let protobuf = "\n\u{2}pb";
    let of_spans = json!({"experiment_id": "7", "run_id": "r1"});
    let w1 = json!({"webhook_id": "w-1"});
    let both = json!({"webhook_id": "w-1", "workspace": "w"});
    let w = json!({"workspace": "w"});
    let table: [(Request<'_>, &Value, bool, u16); 8] = [
        (("admins", spans, OTLP, protobuf), &of_spans, true, 200),
        (("readers", spans, OTLP, protobuf), &of_spans, true, 403),
        (("admins", webhook, OF_NO_SPANS, "["), &w1, true, 200),
        (("strangers", webhook, WORKSPACE, "{}"), &both, true, 403),
        (("admins", webhook, TWO_WORKSPACES, "{}"), &w1, true, 400),
        (("admins", webhook, HIDDEN, "{}"), &w1, false, 200),
        (
            ("admins", "/mlflow/unheard/of", WORKSPACE, "{}"),
            &w,
            true,
            200,
        ),
        (("admins", "/mlflow/graphql", WORKSPACE, "{"), &w, true, 200),
    ];
    for (request, names, is_unread, status) in table {
        let line = line_of(&fixture, request).await;
        assert_eq!(line["status"], status, "{request:?}");
        assert_eq!(&line["names"], names, "{request:?}");
        assert_eq!(line["body"] == "unread", is_unread, "{request:?}");
    }
}

/// What is written down of a request.
async fn line_of(fixture: &Fixture, (group, path, headers, body): Request<'_>) -> Value {
    let before = lines(fixture).len();
    let token = fixture.token_with("cognito:groups", json!([group]));
    let mut request = http::Request::post(format!("{}{path}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned()));
    fixture.send(request.expect("a request")).await;
    lines(fixture).swap_remove(before)
}

type Headers<'a> = &'a [(&'a str, &'a str)];

/// Its path is known, and so it is not lost with its body.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_breaks_off_is_written_down_with_its_path() {
    let fixture = Fixture::new().await;
    let address = fixture.deployment.origin.replace("http://", "");
    let head = format!(
        "POST /mlflow/api/2.0/mlflow/webhooks/w-1/test HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\nno chunk\r\n",
        fixture.admin()
    );
    let mut stream = TcpStream::connect(address).expect("a gateway");
    stream.write_all(head.as_bytes()).expect("a request");
    let line = wait::until("the line", async || {
        Ok(fixture.deployment.audit.read()?.pop())
    })
    .await;
    let line = line.expect("it is written down");
    drop(stream);
    assert_eq!(
        (&line["path"], &line["names"], &line["body"]),
        (
            &json!("2.0/mlflow/webhooks/{webhook_id}/test"),
            &json!({"webhook_id": "w-1"}),
            &json!("unread")
        )
    );
    assert_eq!(
        (&line["verdict"], &line["status"]),
        (&json!("deny"), &json!(400))
    );
    assert!(fixture.reached().is_empty());
}
