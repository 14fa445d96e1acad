//! What is written down of who did what.

mod names;

use std::{io::Write, net::TcpStream};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_tests::wait;

use crate::fixture::{Fixture, SCRIPT};

const API: &str = "/mlflow/ajax-api/2.0/mlflow";

/// Sends JSON as a member of `group`.
async fn send(fixture: &Fixture, group: &str, method: &str, path: &str, body: &str) -> u16 {
    let token = fixture.token_with("cognito:groups", json!([group]));
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .expect("a request");
    fixture.send(request).await.status.as_u16()
}

fn lines(fixture: &Fixture) -> Vec<Value> {
    fixture.deployment.audit.read().expect("JSON, line by line")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_says_who_what_and_by_which_rule() {
    let fixture = Fixture::new().await;
    let body = r#"{"run_id": "r1", "key": "note", "value": "a secret thought"}"#;
    let path = format!("{API}/runs/set-tag");
    assert_eq!(send(&fixture, "admins", "POST", &path, body).await, 200);

    let mut line = lines(&fixture).remove(0);

    let taken = |line: &mut Value, key: &str| line[key].take();
    let time = taken(&mut line, "time");
    let time = time.as_str().expect("a moment");
    assert!(
        time.len() == 24 && time.ends_with('Z') && time.contains('T'),
        "{time}"
    );
    assert!(taken(&mut line, "duration_ms").as_u64().is_some());
    let issuer = taken(&mut line, "issuer");
    assert_eq!(issuer, fixture.deployment.login.origin());
    let id = taken(&mut line, "request_id");
    let reached = fixture.reached().remove(0);
    assert_eq!(id.as_str(), reached.id.as_deref());
    let expected = json!({
        "time": null, "duration_ms": null, "request_id": null, "issuer": null,
        "subject": "8f1c3c52", "name": "reader@example.com", "groups": ["admins"],
        "server": null, "method": "POST", "path": "2.0/mlflow/runs/set-tag",
        "names": {"run_id": "r1"}, "body": null, "verdict": "allow", "rule": "administration",
        "status": 200, "upstream_status": 200,
    });
    assert_eq!(line, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_is_written_down_and_nothing_else() {
    let fixture = Fixture::new().await;
    let table = [
        (
            "DELETE",
            format!("{API}/registered-models/delete"),
            r#"{"name": "churn"}"#,
            json!({"path": "2.0/mlflow/registered-models/delete", "names": {"name": "churn"}, "verdict": "deny", "rule": null, "status": 403}),
        ),
        (
            "POST",
            format!("{API}/model-versions/transition-stage"),
            r#"{"name": "churn", "version": 2, "stage": "Production", "comment": "why"}"#,
            json!({"path": "2.0/mlflow/model-versions/transition-stage", "names": {"name": "churn", "version": "2", "stage": "Production"}, "verdict": "allow", "rule": "model-approval", "status": 200}),
        ),
        (
            "PUT",
            "/mlflow/api/2.0/mlflow-artifacts/artifacts/1/r1/model.pkl".to_owned(),
            "the bytes of a model",
            json!({"path": "2.0/mlflow-artifacts/artifacts/{artifact_path*}", "names": {"artifact_path": "1/r1/model.pkl"}, "verdict": "deny", "rule": null, "status": 403}),
        ),
        (
            "POST",
            "/mlflow/unheard/of?token=pssst".to_owned(),
            "{}",
            json!({"path": "/unheard/of", "names": {}, "upstream_status": null, "verdict": "deny", "rule": null, "status": 403}),
        ),
        (
            "GET",
            format!("{API}/registered-models/search?filter=name%3D'x'&page_token=pssst&name=n"),
            "",
            json!({"path": "2.0/mlflow/registered-models/search", "names": {"name": "n"}, "verdict": "allow", "rule": "reading", "status": 200}),
        ),
    ];
    for (method, path, body, expected) in table {
        let before = lines(&fixture).len();
        send(&fixture, "model-approvers", method, &path, body).await;
        let mut written = lines(&fixture).split_off(before);
        assert_eq!(written.len(), 1, "{path}");
        let line = written.remove(0);
        for (key, value) in expected.as_object().expect("an object") {
            assert_eq!(&line[key], value, "{path}: {key}");
        }
    }
    let all = fixture.deployment.audit.text();
    for secret in [
        "eyJ",
        "why",
        "bytes of a model",
        "pssst",
        "filter",
        "Bearer",
    ] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_is_not_written_down() {
    let fixture = Fixture::new().await;
    for headers in [SCRIPT, &[("authorization", "Bearer a.b.c")]] {
        let answer = fixture.get(&format!("{API}/runs/get"), headers).await;
        assert_eq!(answer.status, 401);
    }
    assert_eq!(lines(&fixture), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mlflow_made_of_it_is_written_down() {
    let fixture = Fixture::new().await;
    fixture.deployment.upstream.stop();
    let path = format!("{API}/runs/delete");
    assert_eq!(send(&fixture, "admins", "POST", &path, "{}").await, 502);

    let line = lines(&fixture).remove(0);
    assert_eq!(
        (&line["verdict"], &line["status"]),
        (&json!("allow"), &json!(502))
    );
    assert!(line["upstream_status"].is_null());
}

/// MLflow reads no query of what changes something, takes `runId` for `run_id`,
/// and reads a body whether or not its length is said.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_those_that_mlflow_reads() {
    let fixture = Fixture::new().await;
    let delete = format!("{API}/registered-models/delete?name=decoy");
    let unread = json!("unread");
    let table = [
        (r#"{"name": "real"}"#, json!({"name": "real"}), Value::Null),
        (
            r#"{"name": "real", "runId": "r"}"#,
            json!({"name": "real", "run_id": "r"}),
            Value::Null,
        ),
        (r#"{"name": "a", "name": "b"}"#, json!({}), unread.clone()),
        (r#""{\"name\": \"real\"}""#, json!({}), unread.clone()),
        (
            &format!(r#"{{"name": "real", "x": "{}"}}"#, "x".repeat(70_000)),
            json!({}),
            unread,
        ),
        ("", json!({}), Value::Null),
    ];
    for (body, mut names, unread) in table {
        names["workspace"] = json!("w");
        for chunked in [false, true] {
            let before = lines(&fixture).len();
            let pieces = body_of(body, chunked);
            let request = Request::delete(format!("{}{delete}", fixture.deployment.origin))
                .header("authorization", format!("Bearer {}", fixture.admin()))
                .header("x-mlflow-workspace", "w")
                .body(pieces)
                .expect("a request");
            let told = fixture.send(request).await.json();
            assert_eq!(told["length"], body.len(), "the body arrives whole");
            let line = lines(&fixture).swap_remove(before);
            assert_eq!(
                (&line["names"], &line["body"]),
                (&names, &unread),
                "{chunked} {body:.60}"
            );
        }
    }
}

/// A body whose length is said, or one that is not.
fn body_of(body: &str, chunked: bool) -> Body {
    if !chunked {
        return Body::from(body.to_owned());
    }
    let pieces: Vec<Result<_, std::io::Error>> = body
        .as_bytes()
        .chunks(9_000)
        .map(|piece| Ok(piece.to_vec()))
        .collect();
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_its_form_is_written_down_too() {
    let fixture = Fixture::new().await;
    let path = "/mlflow/api//2.0/mlflow/runs/delete";
    assert_eq!(send(&fixture, "admins", "POST", path, "{}").await, 400);

    let line = lines(&fixture).remove(0);
    assert_eq!(line["path"], "/api//2.0/mlflow/runs/delete");
    assert_eq!(
        (&line["verdict"], &line["status"]),
        (&json!("deny"), &json!(400))
    );
    assert!(line["names"].is_null());
}

/// MLflow may have done what was asked, whether or not the client still waits.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_is_written_down_all_the_same() {
    let fixture = Fixture::new().await;
    let address = fixture.deployment.origin.replace("http://", "");
    let head = format!(
        "POST {}/never HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-length: 2\r\n\r\n{{}}",
        "/mlflow",
        fixture.admin()
    );
    let mut stream = TcpStream::connect(address).expect("a gateway");
    stream.write_all(head.as_bytes()).expect("a request");
    wait::until("the request at MLflow", async || {
        Ok(fixture
            .reached()
            .iter()
            .any(|it| it.path == "/never")
            .then_some(()))
    })
    .await
    .expect("it is forwarded");
    drop(stream);

    let line = wait::until("the line", async || {
        Ok(fixture.deployment.audit.read()?.pop())
    })
    .await;
    let line = line.expect("it is written down");
    assert_eq!(
        (&line["path"], &line["verdict"]),
        (&json!("/never"), &json!("allow"))
    );
    assert!(line["status"].is_null());
}
