//! URLs of the artifact store: for programs always, for pages where it is listed.

use axum::{body::Body, http::Request};
use serde_json::json;
use shell_tests::client::Answer;

use crate::fixture::{FRAME, Fixture, TAB};

const DOWNLOAD: &str = "2.0/mlflow/artifacts/presigned-download-url";

async fn ask(fixture: &Fixture, method: &str, path: &str, token: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", fixture.deployment.origin))
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "cors")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"));
    let body = match method {
        "POST" => Body::from(r#"{"run_id": "a", "path": "b"}"#),
        _ => Body::empty(),
    };
    fixture.send(request.body(body).expect("a request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_sent_to_mlflow_for_files_and_a_program_to_the_store() {
    let python = json!({ "access": "token" });
    let fixture = Fixture::with(|spec| spec.with_config("python", python)).await;
    let (reader, admin) = (fixture.token(), fixture.admin());
    let table = [
        ("POST", format!("/mlflow/ajax-api/{DOWNLOAD}"), &reader, 501),
        ("POST", format!("/mlflow/api/{DOWNLOAD}"), &reader, 501),
        (
            "GET",
            "/mlflow/ajax-api/2.0/mlflow-artifacts/presigned/1/a/artifacts/b.csv".to_owned(),
            &reader,
            501,
        ),
        (
            "GET",
            "/mlflow/model-versions/get-artifact?name=a&version=1&path=b&presigned=true".to_owned(),
            &reader,
            501,
        ),
        (
            "POST",
            "/mlflow/ajax-api/2.0/mlflow-artifacts/mpu/create/1/a/artifacts".to_owned(),
            &admin,
            501,
        ),
        // Who may not is told so, and who it is comes first.
        (
            "POST",
            "/mlflow/ajax-api/2.0/mlflow/artifacts/presigned-upload-url".to_owned(),
            &reader,
            403,
        ),
        (
            "POST",
            format!("/mlflow/ajax-api/{DOWNLOAD}"),
            &String::new(),
            401,
        ),
        // The way that is left, and programs.
        (
            "GET",
            "/mlflow/get-artifact?run_uuid=a&path=b".to_owned(),
            &reader,
            200,
        ),
        ("POST", format!("/api/{DOWNLOAD}"), &reader, 200),
        (
            "GET",
            "/api/2.0/mlflow-artifacts/presigned/1/a/artifacts/b.csv".to_owned(),
            &reader,
            200,
        ),
    ];
    for (method, path, token, status) in table {
        let before = fixture.reached().len();
        let answer = ask(&fixture, method, &path, token).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        let reached = fixture.reached().len() > before;
        assert_eq!(reached, status == 200, "{method} {path}");
        if status == 501 {
            let told = answer.json();
            assert_eq!(told["error_code"], "NOT_IMPLEMENTED", "{path}");
            let message = told["message"].as_str().unwrap_or_default();
            assert!(message.contains("artifacts.store_origins"), "{message}");
        }
    }
    let lines = fixture.deployment.audit.read().expect("lines");
    let refused = lines.iter().find(|line| line["status"] == 501);
    let refused = refused.expect("a line for a page's request");
    assert_eq!(refused["verdict"], "allow");
    assert!(refused["upstream_status"].is_null(), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_for_servers_with_names() {
    for (stores, status) in [
        (json!([]), 501),
        (json!(["https://b.s3.amazonaws.com"]), 200),
    ] {
        let fixture = Fixture::with(|spec| {
            spec.with_upstream("dev", &[])
                .with_config("artifacts", json!({ "store_origins": stores }))
        })
        .await;
        let path = format!("/mlflow/@dev/ajax-api/{DOWNLOAD}");
        let answer = ask(&fixture, "POST", &path, &fixture.token()).await;
        assert_eq!(answer.status, status, "{stores}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_let_mlflow_go_to_a_store_that_is_listed() {
    const STORE: &str = "https://b.s3.amazonaws.com";
    let stores = json!({ "store_origins": [STORE] });
    let fixture = Fixture::with(|spec| spec.with_config("artifacts", stores)).await;
    let shell = fixture.get("/", TAB).await;
    // Where a sign-in returns, and MLflow is shown after it.
    let callback = fixture.get("/callback", TAB).await;
    let mlflow = fixture.get_with("/mlflow/", &fixture.token(), FRAME).await;
    for (answer, names) in [
        (shell, &["frame-src"][..]),
        (callback, &["frame-src"]),
        (
            mlflow,
            &["img-src", "media-src", "connect-src", "frame-src"],
        ),
    ] {
        assert_eq!(answer.status, 200);
        let policy = answer.header("content-security-policy");
        let directives = policy.split("; ").filter(|it| it.contains(STORE));
        let found: Vec<_> = directives.filter_map(|it| it.split(' ').next()).collect();
        assert_eq!(found, names, "{policy}");
    }
}
