//! What MLflow is told of who asks, and in which workspace.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_tests::deployment_spec::DeploymentSpec;

use crate::fixture::Fixture;

/// As it comes from other proxies in front of MLflow, in both spellings that
/// WSGI takes for one.
#[tokio::test(flavor = "multi_thread")]
async fn no_client_says_who_or_where_it_is() {
    let fixture = Fixture::new().await;
    let claims = [
        ("x-forwarded-user", "root"),
        ("x-forwarded-email", "root@example.com"),
        ("x_forwarded_user", "root"),
        ("remote-user", "root"),
        ("remote_user", "root"),
        ("x-remote-group", "admins"),
        ("x-amzn-oidc-identity", "root"),
        ("cf-access-authenticated-user-email", "root@example.com"),
        ("x-ms-client-principal-name", "root"),
        ("x-mlflow-assistant-delegation", "root"),
        ("x-original-url", "/ajax-api/2.0/mlflow/runs/delete"),
        ("script_name", "/get-artifact"),
    ];
    let needed = [
        ("x-mlflow-workspace", "mine"),
        ("x-mlflow-experiment-id", "1"),
        ("if-none-match", "\"a\""),
        ("user-agent", "mlflow-python-client/3.18.0"),
    ];
    let headers = [&claims[..], &needed].concat();

    let answer = fixture
        .get_with("/mlflow/get-artifact", &fixture.token(), &headers)
        .await;

    let seen = &answer.json()["headers"];
    for (name, _) in claims {
        assert!(seen[name].is_null(), "{name}: {}", seen[name]);
    }
    for (name, value) in needed {
        assert_eq!(seen[name], value, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_to_know_is_told_who_asks() {
    let fixture = Fixture::with(DeploymentSpec::with_identity_headers).await;
    let forged = [
        ("x-forwarded-user", "root"),
        ("x-forwarded-email", "root@example.com"),
        ("x_forwarded_groups", "admins"),
        ("x-forwarded-access-token", "t"),
        ("connection", "x-forwarded-user"),
    ];
    let token = fixture.token_with("cognito:groups", json!(["admins", "b,c", "gr\u{fc}n"]));
    let expected = [
        ("x-forwarded-user", json!("8f1c3c52")),
        ("x-forwarded-email", json!("reader@example.com")),
        (
            "x-forwarded-preferred-username",
            json!("reader@example.com"),
        ),
        ("x-forwarded-groups", json!("admins,gr%C3%BCn")),
        ("x_forwarded_groups", Value::Null),
        ("x-forwarded-access-token", Value::Null),
        ("authorization", Value::Null),
    ];
    for path in [
        "/mlflow/get-artifact",
        "/mlflow/ajax-api/2.0/mlflow/runs/get",
    ] {
        let told = fixture.get_with(path, &token, &forged).await.json();
        for (name, value) in &expected {
            assert_eq!(&told["headers"][name], value, "{path} {name}");
        }
    }

    // The AI gateway would tell a model's provider.
    let chat = "/mlflow/gateway/mlflow/v1/models";
    let told = fixture.get_with(chat, &token, &forged).await.json();
    for (name, _) in &expected {
        assert!(told["headers"][name].is_null(), "{name}");
    }
}

type Headers<'a> = &'a [(&'a str, &'a [u8])];

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_could_be_another_is_refused() {
    let fixture = Fixture::new().await;
    let name = "x-mlflow-workspace";
    let table: [(Headers<'_>, u16); 8] = [
        (&[(name, b"team-a")], 200),
        // As MLflow's own pages ask for the list of workspaces.
        (&[(name, b"")], 200),
        (&[(name, b"team-a"), (name, b"team-b")], 400),
        (&[(name, b"team-a"), (name, b"team-a")], 400),
        (&[(name, "\u{a0}team-a".as_bytes())], 400),
        (&[(name, b"team-a\xa0")], 400),
        (&[(name, b"team-a"), ("x_mlflow_workspace", b"b")], 400),
        (&[("x_mlflow_workspace", b"team-a")], 400),
    ];
    for (headers, status) in table {
        for prefix in ["/mlflow/ajax-api", "/mlflow/api"] {
            let mut request = Request::get(format!(
                "{}{prefix}/2.0/mlflow/runs/get",
                fixture.deployment.origin
            ))
            .header("authorization", format!("Bearer {}", fixture.token()));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let before = fixture.reached().len();
            let answer = fixture
                .send(request.body(Body::empty()).expect("a request"))
                .await;
            assert_eq!(answer.status, status, "{headers:?}");
            let forwarded = fixture.reached().len() - before;
            assert_eq!(forwarded, usize::from(status == 200), "{headers:?}");
            if status == 400 {
                let told = answer.json();
                assert_eq!(told["error_code"], "BAD_REQUEST");
                let why = told["message"].as_str().expect("a sentence");
                assert!(why.contains("X-MLFLOW-WORKSPACE"), "{why}");
            }
        }
    }
}
