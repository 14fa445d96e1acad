use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_core::Origin;

use super::deployment::{ADMIN, CALLBACK, Deployment, TestResponse, query};
use crate::{Clock, DEVELOPMENT_CLIENT_ID as CLIENT, Keys, Provider, ProviderError, Settings};

#[tokio::test]
async fn user_info_tells_attributes_and_no_groups() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;

    let answer = user_info(&mut deployment, &bearer(&tokens, "access_token")).await;

    assert_eq!(answer.status, 200);
    let attributes = answer.json();
    assert_eq!(attributes["email"], ADMIN);
    assert_eq!(attributes["email_verified"], "true");
    assert_eq!(attributes["sub"], attributes["username"]);
    assert_eq!(attributes.as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn user_info_refuses_what_is_no_live_access_token() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;
    let access = bearer(&tokens, "access_token");
    let table = [
        ("", 400, "invalid_request"),
        ("Basic abc", 400, "invalid_request"),
        ("Bearer abc", 401, "invalid_token"),
        (&bearer(&tokens, "id_token"), 401, "invalid_token"),
    ];
    for (authorization, status, error) in table {
        let answer = user_info(&mut deployment, authorization).await;
        assert_eq!(answer.status, status, "{authorization}");
        let cause = answer.header("www-authenticate");
        assert!(cause.starts_with(&format!(r#"error="{error}", error_description=""#)));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }

    assert_eq!(user_info(&mut deployment, &access).await.status, 200);
    deployment.clock.advance(3600);
    assert_eq!(user_info(&mut deployment, &access).await.status, 401);
}

#[tokio::test]
async fn revocation_reaches_user_info() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    deployment
        .post("/oauth2/revoke", &[("token", token), ("client_id", CLIENT)])
        .await;

    let answer = user_info(&mut deployment, &bearer(&tokens, "access_token")).await;

    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn logout_goes_where_it_may() {
    let home = "http%3A%2F%2Flocalhost%3A8080%2F";
    let back = "http%3A%2F%2Flocalhost%3A8080%2Fcallback";
    let again = format!("client_id={CLIENT}&redirect_uri={back}&response_type=code&state=s");
    let mismatch = |client| format!("/error?error=redirect_mismatch&client_id={client}");
    let missing = "/error?error=Required+parameters+missing";
    let table = [
        (
            format!("client_id={CLIENT}&logout_uri={home}"),
            "http://localhost:8080/".into(),
        ),
        (
            format!("{again}&logout_uri={home}"),
            "http://localhost:8080/".into(),
        ),
        (again.clone(), format!("/login?{again}")),
        (
            format!("client_id={CLIENT}&redirect_uri={back}"),
            missing.into(),
        ),
        (format!("client_id={CLIENT}"), missing.into()),
        (format!("logout_uri={home}"), missing.into()),
        (
            format!("client_id={CLIENT}&logout_uri={back}"),
            mismatch(CLIENT),
        ),
        (
            format!("client_id={CLIENT}&logout_uri=https%3A%2F%2Fevil.example"),
            mismatch(CLIENT),
        ),
        (
            format!("client_id=other&logout_uri={home}"),
            mismatch("other"),
        ),
    ];
    for (query, target) in table {
        let answer = Deployment::new().get(&format!("/logout?{query}")).await;
        assert_eq!(answer.location(), target, "{query}");
    }
}

#[tokio::test]
async fn logout_ends_the_login_session() {
    let mut deployment = Deployment::new();
    let silent = format!("/oauth2/authorize?{}", query(&[("prompt", "none")]));
    let code = deployment.code(ADMIN).await;
    let cookie = deployment.cookie.clone();
    assert!(deployment.get(&silent).await.callback("code").is_some());

    let logout = format!("/logout?client_id={CLIENT}&logout_uri=http://localhost:8080/");
    let answer = deployment.get(&logout).await;

    assert!(
        answer
            .header("set-cookie")
            .starts_with("cognito=; Path=/; Max-Age=0;")
    );
    for cookie in [None, cookie] {
        deployment.cookie = cookie;
        let after = deployment.get(&silent).await;
        assert_eq!(
            after.location(),
            format!("{CALLBACK}?error=login_required&state=the-state"),
            "with and without the old cookie"
        );
    }
    assert_eq!(
        deployment.exchange(&code).await.status,
        200,
        "codes and tokens stay"
    );
}

#[tokio::test]
async fn discovery_names_an_issuer_that_is_not_the_login() {
    let mut deployment = Deployment::new();
    let issuer = "http://localhost:9400/us-east-1_Development";
    let path = "/us-east-1_Development/.well-known/openid-configuration";

    let found = deployment.get(path).await.json();

    assert_eq!(found["issuer"], issuer);
    assert_eq!(found["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
    assert_eq!(
        found["token_endpoint"],
        "http://localhost:9400/oauth2/token"
    );
    assert_eq!(
        found["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
    let keys = deployment
        .get("/us-east-1_Development/.well-known/jwks.json")
        .await
        .json();
    assert_eq!(keys, deployment.provider.jwks());
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert_eq!(deployment.get("/.well-known/jwks.json").await.status, 404);
}

#[test]
fn a_public_base_is_refused() {
    let base = Origin::parse("https://login.example.com").unwrap();
    let settings = Settings::new(base.clone(), &base);
    let refused = Provider::new(settings, Keys::generate().unwrap(), Clock::system());

    assert_eq!(refused.unwrap_err(), ProviderError::NotLoopback);
}

#[tokio::test]
async fn debug_output_has_no_state() {
    let mut deployment = Deployment::new();
    let code = deployment.code(ADMIN).await;
    let shown = format!("{:?}", deployment.provider);

    assert!(
        shown.starts_with("Provider {") && !shown.contains(&code),
        "{shown}"
    );
}

async fn user_info(deployment: &mut Deployment, authorization: &str) -> TestResponse {
    let mut request = Request::get("/oauth2/userInfo");
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    deployment.send(request, Body::empty()).await
}

fn bearer(tokens: &Value, member: &str) -> String {
    format!("Bearer {}", tokens[member].as_str().unwrap())
}
