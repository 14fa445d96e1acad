use axum::http::Request;
use serde_json::Value;
use shell_core::pkce;
use shell_idp::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD, RefreshOutcome};

use super::*;
use crate::{
    issuer::{self, Issuer},
    upstream::{ECHO, SLOW},
};

async fn start(spec: impl Into<DeploymentSpec>) -> Deployment {
    let mlflow = Router::new().fallback(|| async { "MLflow" });
    let mlflow = upstream::with_extras(mlflow);
    Deployment::start(spec, mlflow)
        .await
        .expect("everything starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_can_go_away_and_come_back() {
    let mut logins = vec![Login::Development];
    logins.extend(environment::peer().map(Login::Independent));
    for login in logins {
        let deployment = start(login).await;
        let keys = TrustedIssuer::default_jwks_url(&deployment.config).to_string();
        let table = [
            (&deployment.gateway, deployment.gateway.origin()),
            (&deployment.login, keys),
            (&deployment.upstream, deployment.upstream.origin()),
        ];
        for (server, url) in table {
            server.stop();
            assert!(client::get(&url, &[]).await.is_err(), "{url}");
            server.resume().await.unwrap();
            let answer = client::get(&url, &[]).await.unwrap();
            assert_eq!(answer.status, 200, "{url}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_refuses_slows_down_and_echoes_behind_the_gateway() {
    let issuer = Issuer::default();
    let deployment = start(Login::Signed(issuer.clone())).await;
    // What no MLflow has is for administrators.
    let mut claims = issuer::claims(&deployment.login.origin());
    claims["cognito:groups"] = json!(["admins"]);
    let bearer = format!("Bearer {}", issuer.sign(&claims));
    let ask = async |path: &str| {
        let request = Request::post(format!("{}{path}", deployment.origin))
            .header("authorization", &bearer)
            .body("abc".into());
        client::send(request.unwrap()).await.unwrap()
    };

    let echo = ask(ECHO).await.json();
    let expected = json!({
        "method": "POST", "length": 3, "sha256": pkce::challenge("abc"), "bearer": true,
    });
    assert_eq!(echo, expected);

    deployment.refuse(true);
    assert_eq!(
        ask("/mlflow/ajax-api/2.0/mlflow/runs/search").await.status,
        401
    );
    deployment.refuse(false);
    assert_eq!(
        ask("/mlflow/ajax-api/2.0/mlflow/runs/search").await.status,
        200
    );
    assert_eq!(deployment.record.failures_since(0).len(), 1);
    assert_eq!(deployment.record.bearers_since(0), 1);

    let slow = format!("{}{SLOW}?seconds=1", deployment.origin);
    let slow = client::get(&slow, &[("authorization", &bearer)])
        .await
        .unwrap();
    assert_eq!(
        (slow.text().as_str(), slow.header("content-length")),
        ("..", "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_reaches_the_provider_and_the_configuration() {
    let spec = Login::Development
        .token_lifetime(5)
        .rotating(60)
        .with_config("provider.scopes", json!(["openid"]));
    let deployment = start(spec).await;
    let config = client::get(&format!("{}/config.json", deployment.origin), &[]).await;
    assert_eq!(
        config.unwrap().json()["provider"]["scopes"],
        json!(["openid"])
    );

    let tokens = sign_in(&deployment).await;
    assert_eq!(tokens["expires_in"], 5);
    let token = tokens["refresh_token"].as_str().unwrap();
    for _ in 0..2 {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("refresh_token", token),
        ];
        ask_for_tokens(&deployment, &form).await;
    }

    let refreshes = deployment.provider.as_ref().unwrap().refreshes();
    let outcomes: Vec<_> = refreshes.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [RefreshOutcome::Granted, RefreshOutcome::Reused]);
    assert_eq!(deployment.record.refreshes_since(0).len(), 2);
}

/// Signs the administrator in without a browser.
async fn sign_in(deployment: &Deployment) -> Value {
    let callback = format!("{}/callback", deployment.origin);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", DEVELOPMENT_CLIENT_ID)
        .append_pair("redirect_uri", &callback)
        .finish();
    let login = format!("{}/login?{query}", deployment.login.origin());
    let form = [
        ("username", "mlflow-admin@example.com"),
        ("password", DEVELOPMENT_PASSWORD),
    ];
    let answer = client::post_form(&login, &form).await.unwrap();
    let code = answer.header("location").rsplit("code=").next().unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("redirect_uri", &callback),
        ("code", code),
    ];
    ask_for_tokens(deployment, &form).await
}

async fn ask_for_tokens(deployment: &Deployment, form: &[(&str, &str)]) -> Value {
    let url = format!("{}/oauth2/token", deployment.login.origin());
    let answer = client::post_form(&url, form).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}
