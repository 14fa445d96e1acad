use axum::{body::Body, http::Request};

use super::deployment::{ADMIN, Changes, Deployment, changed, exchange_form, query};

#[tokio::test]
async fn every_refusal_is_400_with_the_code_alone() {
    let table: &[(&str, Changes<'_>, &str)] = &[
        ("no grant type", &[("grant_type", "")], "invalid_request"),
        (
            "unknown grant type",
            &[("grant_type", "password")],
            "unsupported_grant_type",
        ),
        (
            "machine to machine",
            &[("grant_type", "client_credentials")],
            "unauthorized_client",
        ),
        ("no client", &[("client_id", "")], "invalid_request"),
        (
            "unknown client",
            &[("client_id", "other")],
            "invalid_client",
        ),
        ("no code", &[("code", "")], "invalid_request"),
        ("unknown code", &[("code", "other")], "invalid_grant"),
        (
            "no redirect URI",
            &[("redirect_uri", "")],
            "invalid_request",
        ),
        (
            "another redirect URI",
            &[("redirect_uri", "http://localhost:8080/")],
            "invalid_grant",
        ),
        ("no verifier", &[("code_verifier", "")], "invalid_grant"),
        (
            "wrong verifier",
            &[("code_verifier", "wrong")],
            "invalid_grant",
        ),
        (
            "no refresh token",
            &[("grant_type", "refresh_token")],
            "invalid_request",
        ),
    ];
    for (case, changes, error) in table {
        let mut deployment = Deployment::new();
        let code = deployment.code(ADMIN).await;
        let form = changed(&exchange_form(&code), changes);
        let answer = deployment.post("/oauth2/token", &form).await;

        assert_eq!(answer.status, 400, "{case}");
        assert_eq!(answer.body, format!(r#"{{"error":"{error}"}}"#), "{case}");
        assert_eq!(
            answer.header("content-type"),
            "application/json;charset=UTF-8",
            "{case}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{case}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let mut deployment = Deployment::new();
    for kind in ["application/json", "text/plain", ""] {
        let request = Request::post("/oauth2/token").header("content-type", kind);
        let answer = deployment
            .send(request, Body::from("grant_type=authorization_code"))
            .await;
        assert_eq!(answer.refusal(), (400, "invalid_request".into()), "{kind}");
    }
    let request = Request::post("/oauth2/token");
    let answer = deployment
        .send(request, Body::from("x".repeat(20_000)))
        .await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn a_failed_exchange_burns_the_code() {
    for change in [
        ("code_verifier", "wrong"),
        ("redirect_uri", "http://localhost:8080/"),
    ] {
        let mut deployment = Deployment::new();
        let code = deployment.code(ADMIN).await;
        let form = changed(&exchange_form(&code), &[change]);
        deployment.post("/oauth2/token", &form).await;

        let answer = deployment.exchange(&code).await;
        assert_eq!(
            answer.refusal(),
            (400, "invalid_grant".into()),
            "{change:?}"
        );
    }
}

#[tokio::test]
async fn a_code_works_once_and_for_five_minutes() {
    let mut deployment = Deployment::new();
    let code = deployment.code(ADMIN).await;
    deployment.clock.advance(299);
    assert_eq!(deployment.exchange(&code).await.status, 200);
    assert_eq!(
        deployment.exchange(&code).await.refusal().1,
        "invalid_grant"
    );

    let code = deployment.code(ADMIN).await;
    deployment.clock.advance(300);
    assert_eq!(
        deployment.exchange(&code).await.refusal().1,
        "invalid_grant"
    );
}

#[tokio::test]
async fn without_a_challenge_there_must_be_no_verifier() {
    let plain = query(&[("code_challenge", ""), ("code_challenge_method", "")]);
    for (verifier, status) in [("", 200), ("anything", 400)] {
        let mut deployment = Deployment::new();
        let back = deployment.submit_login(ADMIN, &plain).await;
        let code = back.callback("code").unwrap();
        let form = changed(&exchange_form(&code), &[("code_verifier", verifier)]);
        assert_eq!(
            deployment.post("/oauth2/token", &form).await.status,
            status,
            "{verifier}"
        );
    }
}

#[tokio::test]
async fn preflights_are_answered_for_every_fetched_endpoint() {
    for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo"] {
        let mut deployment = Deployment::new();
        let request = Request::options(path)
            .header("origin", "http://localhost:8080")
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,x-amz-user-agent",
            );
        let answer = deployment.send(request, Body::empty()).await;

        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let allowed = answer.header("access-control-allow-headers");
        assert_eq!(allowed, "authorization,x-amz-user-agent", "{path}");
    }
}

#[tokio::test]
async fn navigated_endpoints_and_keys_have_no_cors() {
    for path in [
        "/login",
        "/oauth2/authorize",
        "/us-east-1_Development/.well-known/jwks.json",
    ] {
        let answer = Deployment::new().get(path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
