//! What MLflow is told, and what it answers.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::fixture::{Fixture, SCRIPT};

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_sees_nothing_it_should_not() {
    let fixture = Fixture::new().await;
    let headers = [
        ("origin", fixture.deployment.origin.as_str()),
        ("cookie", "a=b; mlflow-request-header-X-User=admin; c=d"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-host", "elsewhere.example"),
        ("x-request-id", "made-up"),
        ("proxy-authorization", "Basic eDp5"),
        ("x-mlflow-workspace", "mine"),
        ("range", "bytes=0-9"),
    ];

    let answer = fixture
        .get_with("/mlflow/get-artifact?a=b%2Fc", &fixture.token(), &headers)
        .await;

    let told = answer.json();
    let seen = &told["headers"];
    for hidden in [
        "authorization",
        "origin",
        "x-forwarded-for",
        "x-forwarded-host",
        "proxy-authorization",
    ] {
        assert!(seen[hidden].is_null(), "{hidden}: {}", seen[hidden]);
    }
    assert_eq!(seen["cookie"], "a=b; c=d");
    assert_eq!(seen["x-mlflow-workspace"], "mine");
    assert_eq!(seen["range"], "bytes=0-9");
    assert_eq!(told["query"], "a=b%2Fc");
    let host = fixture.deployment.upstream.origin();
    assert_eq!(seen["host"], host.trim_start_matches("http://"));

    let id = seen["x-request-id"]
        .as_str()
        .expect("a name for the request");
    assert_ne!(id, "made-up");
    assert_eq!(answer.header("x-request-id"), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_paths_and_bodies_arrive_as_they_are() {
    let fixture = Fixture::new().await;
    let paths = ["/ajax-api/2.0/a%2Bb/c%20d", "/v1/traces", "/get-artifact"];
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in paths {
            let request = Request::builder()
                .method(method)
                .uri(format!("{}/mlflow{path}", fixture.deployment.origin))
                .header("authorization", format!("bearer {}", fixture.admin()))
                .body(Body::from(vec![b'x'; 300_000]))
                .expect("a request");

            let told = fixture.send(request).await.json();

            assert_eq!(told["method"], method);
            assert_eq!(told["path"], path);
            assert_eq!(told["length"], 300_000);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_arrives_in_the_one_spelling_in_which_it_was_judged() {
    let fixture = Fixture::new().await;
    let files = "/ajax-api/2.0/mlflow-artifacts/artifacts";
    let table = [
        ("/creat%65%2Fx", "/create/x"),
        ("/ajax-api%2f2.0/x", "/ajax-api/2.0/x"),
        (
            &format!("{files}/1/a+b%2Bc%20d%252F;e"),
            &format!("{files}/1/a%2Bb%2Bc%20d%252F%3Be"),
        ),
        (
            &format!("{files}/gr%C3%BC%c3%9fe"),
            &format!("{files}/gr%C3%BC%C3%9Fe"),
        ),
    ];
    for (path, arrived) in table {
        let told = fixture.get_as_admin(&format!("/mlflow{path}")).await.json();
        assert_eq!(told["path"], arrived, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mlflow_could_read_otherwise_is_refused_to_everyone() {
    let fixture = Fixture::new().await;
    let api = "/mlflow/ajax-api/2.0/mlflow";
    let paths = [
        format!("/mlflow//{api}/runs/get"),
        format!("{api}//runs/get"),
        format!("{api}/./runs/get"),
        format!("{api}/runs%2F%2Fget"),
        format!("{api}/runs/get%"),
        format!("{api}/runs/get%00"),
        format!("{api}/runs/%ff"),
    ];
    for path in paths {
        let answer = fixture.get_as_admin(&path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.json()["error_code"], "BAD_REQUEST", "{path}");
    }
    for method in ["GET", "HEAD"] {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{api}/runs/get?x=1", fixture.deployment.origin))
            .header("authorization", format!("bearer {}", fixture.admin()))
            .body(Body::from(r#"{"run_id": "a"}"#))
            .expect("a request");
        assert_eq!(fixture.send(request).await.status, 400, "{method}");
    }
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_stay_below_the_prefix() {
    let fixture = Fixture::new().await;
    let table = [
        ("/mlflow/moved", "/mlflow/ajax-api/2.0/there"),
        ("/mlflow/moved-in-full", "/mlflow/ajax-api/2.0/there"),
        ("/mlflow/away", "https://elsewhere.example/"),
    ];
    for (path, location) in table {
        let answer = fixture.get_as_admin(path).await;
        assert!(answer.status.is_redirection(), "{path}");
        assert_eq!(answer.header("location"), location, "{path}");
    }
}

/// Whatever MLflow says: the echo says that everybody may keep its answers.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_needed_a_token_are_kept_nowhere() {
    let python = json!({ "access": "token" });
    let fixture = Fixture::configured(&[("python", python)]).await;
    let mut before = 0;
    for path in [
        "/mlflow/",
        "/mlflow/get-artifact",
        "/mlflow/ajax-api/2.0/mlflow/experiments/search",
        "/mlflow/moved",
        "/mlflow/static-files/a%2Fb",
        "/api/2.0/mlflow/experiments/search",
        "/version",
    ] {
        let answer = fixture.get_as_admin(path).await;
        let reached = fixture.reached().len();
        assert!(reached > before, "{path} reaches MLflow");
        before = reached;
        let caching: Vec<_> = answer.headers.get_all("cache-control").iter().collect();
        assert_eq!(caching, ["private, no-store"], "{path}");
        for name in ["expires", "pragma", "age"] {
            assert_eq!(answer.header(name), "", "{path}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presigned_addresses_are_no_way_around_the_token() {
    let fixture = Fixture::new().await;

    let answer = fixture
        .get("/mlflow/get-artifact?X-Amz-Signature=1", SCRIPT)
        .await;

    assert_eq!(answer.status, 401);
    assert!(fixture.reached().is_empty());
}
