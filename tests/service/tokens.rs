//! Which tokens are believed.

use std::time::{Duration, Instant};

use serde_json::json;
use shell_idp::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD};
use shell_jose::RELOAD_PENALTY;
use shell_tests::{
    client,
    deployment::{Deployment, Login},
    issuer::now,
    wait,
};

use crate::{
    echo,
    fixture::{Fixture, SCRIPT},
};

const API: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_opens_mlflow() {
    let fixture = Fixture::new().await;

    let answer = fixture.get_as_reader(API).await;

    assert_eq!(answer.status, 200);
    let told = answer.json();
    assert_eq!(told["path"], "/ajax-api/2.0/mlflow/experiments/search");
    assert!(told["headers"]["authorization"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tokens_reach_nobody() {
    let fixture = Fixture::new().await;
    let good = fixture.token();
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let forged: String = signature.chars().rev().collect();
    let table = [
        ("expired", fixture.token_with("exp", json!(now() - 60))),
        (
            "not yet valid",
            fixture.token_with("nbf", json!(now() + 600)),
        ),
        (
            "wrong issuer",
            fixture.token_with("iss", json!("https://elsewhere.example")),
        ),
        (
            "wrong audience",
            fixture.token_with("aud", json!("another-client")),
        ),
        (
            "an access token",
            fixture.token_with("token_use", json!("access")),
        ),
        (
            "unknown key",
            fixture.issuer.sign_with_unknown_key(&fixture.claims()),
        ),
        ("another's signature", format!("{signed}.{forged}")),
        ("no signature", format!("{signed}.")),
        ("not a token", "garbage".into()),
        ("nothing", String::new()),
        ("17 KB of it", "x".repeat(17 * 1024)),
    ];
    for (case, token) in table {
        let answer = fixture.get_with(API, &token, SCRIPT).await;

        assert_eq!(answer.status, 401, "{case}");
        assert_eq!(answer.json()["error_code"], "UNAUTHENTICATED", "{case}");
        assert!(
            answer.header("www-authenticate").starts_with("Bearer"),
            "{case}"
        );
    }
    assert!(fixture.reached().is_empty(), "{:?}", fixture.reached());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_authorizations_are_none() {
    let fixture = Fixture::new().await;
    let bearer = format!("Bearer {}", fixture.token());

    let headers = [
        ("authorization", bearer.as_str()),
        ("authorization", &bearer),
    ];
    let answer = fixture.get(API, &headers).await;

    assert_eq!(answer.status, 401);
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_in_no_group_are_told_so() {
    let fixture = Fixture::new().await;
    for groups in [json!([]), json!(["pool_Google"])] {
        let token = fixture.token_with("cognito:groups", groups);

        let answer = fixture.get_with(API, &token, SCRIPT).await;

        assert_eq!(answer.status, 403);
        let told = answer.json();
        assert_eq!(told["error_code"], "PERMISSION_DENIED");
        let message = told["message"].as_str().expect("a sentence");
        assert!(
            message.starts_with("reader@example.com is signed in"),
            "{message}"
        );
    }
    assert!(fixture.reached().is_empty());
}

/// A reload is asked for once in ten seconds at most: tokens with invented
/// key names must not become requests to the provider.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_accepted_after_a_reload() {
    let begun = Instant::now();
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get_as_reader(API).await.status, 200);

    fixture.issuer.rotate();

    let status = fixture.get_as_reader(API).await.status;
    // Later they may be loaded again at once.
    if begun.elapsed() < Duration::from_secs(RELOAD_PENALTY - 1) {
        assert_eq!(status, 401);
    }
    let accepted = wait::until("a token of the new key accepted", async || {
        let status = fixture.get_as_reader(API).await.status;
        Ok((status == 200).then_some(()))
    });
    accepted.await.expect("it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_development_providers_tokens_are_good() {
    let deployment = Deployment::start(Login::Development, echo::router()).await;
    let deployment = deployment.expect("everything starts");
    let callback = format!("{}/callback", deployment.origin);
    let query = form_urlencoded(&[
        ("response_type", "code"),
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("redirect_uri", &callback),
        ("scope", "openid email profile"),
    ]);

    let login = format!("{}/login?{query}", deployment.login.origin());
    let form = [
        ("username", "mlflow-reader@example.com"),
        ("password", DEVELOPMENT_PASSWORD),
    ];
    let answer = client::post_form(&login, &form).await.expect("an answer");
    let (_, code) = answer
        .header("location")
        .split_once("code=")
        .expect("a code");

    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("redirect_uri", &callback),
        ("code", code),
    ];
    let token = format!("{}/oauth2/token", deployment.login.origin());
    let grant = client::post_form(&token, &form)
        .await
        .expect("an answer")
        .json();

    let url = format!("{}{API}", deployment.origin);
    let table = [
        ("id_token", 200),
        ("access_token", 401),
        ("refresh_token", 401),
    ];
    for (kind, status) in table {
        let bearer = format!("Bearer {}", grant[kind].as_str().expect("a token"));
        let answer = client::get(&url, &[("authorization", &bearer)]).await;
        assert_eq!(answer.expect("an answer").status, status, "{kind}");
    }
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
