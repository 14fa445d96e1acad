use axum::{body::Body, http::Request};

use super::deployment::{ADMIN, CALLBACK, Deployment, query};
use crate::DEVELOPMENT_PASSWORD;

#[tokio::test]
async fn a_wrong_password_shows_the_page_again() {
    let table = [
        (ADMIN, "wrong"),
        (ADMIN, ""),
        (ADMIN, "MLFLOW-DEV-ONLY"),
        ("stranger@example.com", DEVELOPMENT_PASSWORD),
        ("", DEVELOPMENT_PASSWORD),
    ];
    for (username, password) in table {
        let mut deployment = Deployment::new();
        let form = [("username", username), ("password", password)];
        let answer = deployment
            .post(&format!("/login?{}", query(&[])), &form)
            .await;

        assert_eq!(answer.status, 400, "{username} {password}");
        assert!(answer.body.contains("Incorrect username or password."));
        assert!(
            answer.body.contains(&format!(r#"value="{username}""#)),
            "name kept"
        );
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn names_compare_without_case() {
    let mut deployment = Deployment::new();
    let back = deployment
        .submit_login(" MLflow-Admin@Example.com ", &query(&[]))
        .await;

    assert!(back.callback("code").is_some());
}

#[tokio::test]
async fn a_get_signs_nobody_in() {
    let mut deployment = Deployment::new();
    let credentials = [("username", ADMIN), ("password", DEVELOPMENT_PASSWORD)];
    let answer = deployment
        .get(&format!("/login?{}", query(&credentials)))
        .await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("set-cookie")),
        (200, "")
    );
}

#[tokio::test]
async fn the_query_is_carried_along_untouched() {
    let mut deployment = Deployment::new();
    let answer = deployment.get("/login?response_type=code&scope=openid%20email&client_id=mlflow-shell-development&redirect_uri=http://localhost:8080/callback&state=%7e").await;

    let action = r#"action="/login?response_type=code&amp;scope=openid%20email&amp;client_id=mlflow-shell-development&amp;redirect_uri=http://localhost:8080/callback&amp;state=%7e""#;
    assert!(answer.body.contains(action), "{}", answer.body);
}

#[tokio::test]
async fn a_hint_fills_the_name_in_and_is_escaped() {
    let mut deployment = Deployment::new();
    let hint = r#""><script>alert(1)</script>"#;
    let answer = deployment
        .get(&format!("/login?{}", query(&[("login_hint", hint)])))
        .await;

    assert!(answer.body.contains(r#"value="&quot;&gt;&lt;script&gt;"#));
    assert!(!answer.body.contains("<script"));
}

#[tokio::test]
async fn pages_keep_out_of_frames_and_away_from_their_opener() {
    let login = format!("/login?{}", query(&[]));
    let authorize = format!("/oauth2/authorize?{}", query(&[]));
    for path in [login.as_str(), &authorize, "/logout", "/error"] {
        let answer = Deployment::new().get(path).await;
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{path}");
        assert!(!policy.contains("form-action"), "{path}");
    }
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_lasts_an_hour() {
    let mut deployment = Deployment::new();
    let answer = deployment.submit_login(ADMIN, &query(&[])).await;
    let (_, attributes) = answer.header("set-cookie").split_once("; ").unwrap();

    assert_eq!(attributes, "Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");
}

#[tokio::test]
async fn forms_are_checked_as_the_link_to_them_was() {
    let mut deployment = Deployment::new();
    let forged = query(&[("redirect_uri", "https://evil.example/")]);
    let answer = deployment.submit_login(ADMIN, &forged).await;
    assert!(
        answer
            .location()
            .starts_with("/error?error=redirect_mismatch")
    );

    let answer = deployment
        .submit_login(ADMIN, &query(&[("scope", "email")]))
        .await;
    assert_eq!(answer.location(), format!("{CALLBACK}?error=invalid_scope"));
}

#[tokio::test]
async fn other_hosts_than_this_machine_are_refused() {
    let table = [
        ("localhost:9400", 404),
        ("127.0.0.1:9400", 404),
        ("[::1]:9400", 404),
        ("mlflow.example.com", 421),
        ("localhost.example.com:9400", 421),
        ("10.0.0.7:9400", 421),
    ];
    let deployment = Deployment::new();
    for (host, status) in table {
        use tower::ServiceExt;
        let request = Request::get("/")
            .header("host", host)
            .body(Body::empty())
            .unwrap();
        let response = deployment.provider.router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
}
