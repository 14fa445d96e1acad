use super::deployment::{ADMIN, CALLBACK, CHALLENGE, Changes, Deployment, query};

#[tokio::test]
async fn refusals_to_the_app_name_the_error_and_nothing_else() {
    let long = "x".repeat(44);
    let table: &[(&str, Changes<'_>, &str)] = &[
        (
            "no response type",
            &[("response_type", "")],
            "invalid_request",
        ),
        (
            "unknown response type",
            &[("response_type", "id_token")],
            "invalid_request",
        ),
        (
            "implicit",
            &[("response_type", "token")],
            "unauthorized_client",
        ),
        (
            "challenge without method",
            &[("code_challenge_method", "")],
            "invalid_request",
        ),
        (
            "method without challenge",
            &[("code_challenge", "")],
            "invalid_request",
        ),
        (
            "plain",
            &[("code_challenge_method", "plain")],
            "invalid_request",
        ),
        (
            "s256",
            &[("code_challenge_method", "s256")],
            "invalid_request",
        ),
        (
            "challenge too long",
            &[("code_challenge", &long)],
            "invalid_request",
        ),
        (
            "not base64url",
            &[("code_challenge", &CHALLENGE.replace('-', "+"))],
            "invalid_request",
        ),
        (
            "unknown scope",
            &[("scope", "openid mail")],
            "invalid_scope",
        ),
        (
            "scope of other clients",
            &[("scope", "openid phone")],
            "invalid_scope",
        ),
        ("no openid", &[("scope", "email")], "invalid_scope"),
        (
            "none and login",
            &[("prompt", "none login")],
            "invalid_request",
        ),
    ];
    for (case, changes, error) in table {
        for path in ["/oauth2/authorize", "/login"] {
            let mut deployment = Deployment::new();
            let answer = deployment.get(&format!("{path}?{}", query(changes))).await;
            assert_eq!(
                answer.location(),
                format!("{CALLBACK}?error={error}"),
                "{case} at {path}"
            );
        }
    }
}

#[tokio::test]
async fn untrusted_redirects_end_on_the_providers_own_page() {
    let missing = "/error?error=Required+parameters+missing";
    let mismatch = "/error?error=redirect_mismatch&client_id=mlflow-shell-development";
    let table: &[(Changes<'_>, &str)] = &[
        (&[("client_id", "")], missing),
        (&[("redirect_uri", "")], missing),
        (
            &[("client_id", "<b>")],
            "/error?error=redirect_mismatch&client_id=%3Cb%3E",
        ),
        (
            &[("redirect_uri", "http://localhost:8080/callback/")],
            mismatch,
        ),
        (
            &[("redirect_uri", "http://localhost:8080/callback?x")],
            mismatch,
        ),
        (
            &[("redirect_uri", "http://LOCALHOST:8080/callback")],
            mismatch,
        ),
        (
            &[("redirect_uri", "https://evil.example/callback")],
            mismatch,
        ),
    ];
    for (changes, page) in table {
        for path in ["/oauth2/authorize", "/login"] {
            let mut deployment = Deployment::new();
            let answer = deployment.get(&format!("{path}?{}", query(changes))).await;
            assert_eq!(answer.location(), *page, "{changes:?} at {path}");
        }
    }
    let mut deployment = Deployment::new();
    let page = deployment
        .get("/error?error=redirect_mismatch&client_id=%3Cb%3E")
        .await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("redirect_mismatch") && page.body.contains("&lt;b&gt;"));
}

#[tokio::test]
async fn a_login_session_answers_without_asking() {
    let mut deployment = Deployment::new();
    let authorize = |prompt| format!("/oauth2/authorize?{}", query(&[("prompt", prompt)]));
    let without = format!("{CALLBACK}?error=login_required&state=the-state");
    assert_eq!(deployment.get(&authorize("none")).await.location(), without);

    deployment.code(ADMIN).await;

    for prompt in ["none", "", "select_account", "consent"] {
        let answer = deployment.get(&authorize(prompt)).await;
        assert!(answer.callback("code").is_some(), "{prompt}");
        assert_eq!(
            answer.callback("state").as_deref(),
            Some("the-state"),
            "{prompt}"
        );
    }
    let again = query(&[("prompt", "login")]);
    let answer = deployment.get(&format!("/oauth2/authorize?{again}")).await;
    assert_eq!(answer.location(), format!("/login?{again}"));
}

#[tokio::test]
async fn use_does_not_extend_the_login_session() {
    let mut deployment = Deployment::new();
    let silent = format!("/oauth2/authorize?{}", query(&[("prompt", "none")]));
    deployment.code(ADMIN).await;

    for minutes in [20, 20, 19] {
        deployment.clock.advance(minutes * 60);
        assert!(
            deployment.get(&silent).await.callback("code").is_some(),
            "{minutes}"
        );
    }
    deployment.clock.advance(60);

    let answer = deployment.get(&silent).await;
    assert_eq!(answer.callback("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn pkce_is_optional_unless_it_is_required() {
    let without = query(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let path = format!("/oauth2/authorize?{without}");

    let optional = Deployment::new().get(&path).await;
    let required = Deployment::with(|settings| settings.require_pkce = true)
        .get(&path)
        .await;

    assert_eq!(optional.location(), format!("/login?{without}"));
    assert_eq!(
        required.location(),
        format!("{CALLBACK}?error=invalid_request")
    );
}

#[tokio::test]
async fn state_is_returned_only_if_it_was_sent() {
    let mut deployment = Deployment::new();
    let back = deployment
        .submit_login(ADMIN, &query(&[("state", "")]))
        .await;
    assert_eq!(back.callback("state"), None);

    let back = deployment
        .submit_login(ADMIN, &query(&[("state", "a b&c=d%")]))
        .await;
    assert_eq!(back.callback("state").as_deref(), Some("a b&c=d%"));
}
