use serde_json::json;
use shell_core::{
    Timestamp,
    algorithm::Algorithms,
    claims::Expected,
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims},
};
use shell_jose::KeySet;

use super::deployment::{ADMIN, Deployment, START, claims, header, members, query};
use crate::{DEVELOPMENT_CLIENT_ID, User};

#[tokio::test]
async fn a_sign_in_from_the_first_redirect_to_the_tokens() {
    let mut deployment = Deployment::new();

    let query = query(&[]);
    let authorize = deployment.get(&format!("/oauth2/authorize?{query}")).await;
    assert_eq!(authorize.location(), format!("/login?{query}"));

    let login = deployment.get(authorize.location()).await;
    assert_eq!(login.status, 200);
    assert!(login.body.contains("Development sign-in"));

    let back = deployment.submit_login(ADMIN, &query).await;
    assert_eq!(back.callback("state").as_deref(), Some("the-state"));
    let code = back.callback("code").unwrap();
    assert_eq!(code.len(), 36);

    let answer = deployment.exchange(&code).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "application/json;charset=UTF-8"
    );
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    let expected = [
        "access_token",
        "expires_in",
        "id_token",
        "refresh_token",
        "token_type",
    ];
    assert_eq!(members(&tokens), expected);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
}

#[tokio::test]
async fn tokens_carry_the_claims_of_cognito() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;
    let (id, access) = (claims(&tokens, "id_token"), claims(&tokens, "access_token"));

    assert_eq!(
        members(&id),
        [
            "at_hash",
            "aud",
            "auth_time",
            "cognito:groups",
            "cognito:username",
            "email",
            "email_verified",
            "event_id",
            "exp",
            "iat",
            "iss",
            "jti",
            "nonce",
            "origin_jti",
            "sub",
            "token_use",
        ]
    );
    assert_eq!(
        members(&access),
        [
            "auth_time",
            "client_id",
            "cognito:groups",
            "event_id",
            "exp",
            "iat",
            "iss",
            "jti",
            "origin_jti",
            "scope",
            "sub",
            "token_use",
            "username",
            "version",
        ]
    );
    assert_eq!(
        (&id["token_use"], &access["token_use"]),
        (&json!("id"), &json!("access"))
    );
    assert_eq!(
        (&id["aud"], &id["nonce"]),
        (&json!(DEVELOPMENT_CLIENT_ID), &json!("the-nonce"))
    );
    assert_eq!(
        (&id["email"], &id["email_verified"]),
        (&json!(ADMIN), &json!(true))
    );
    assert_eq!(
        (&id["auth_time"], &id["exp"]),
        (&json!(START), &json!(START + 3600))
    );
    assert_eq!(access["client_id"], DEVELOPMENT_CLIENT_ID);
    assert_eq!(
        (&access["scope"], &access["version"]),
        (&json!("openid email profile"), &json!(2))
    );
    for same in ["sub", "iss", "origin_jti", "cognito:groups"] {
        assert_eq!(id[same], access[same], "{same}");
    }
    assert_eq!(id["cognito:groups"], json!(["admins"]));
}

#[tokio::test]
async fn both_tokens_pass_the_checks_that_guard_mlflow() {
    let mut deployment = Deployment::new();
    let keys = KeySet::parse(&deployment.provider.jwks().to_string()).unwrap();
    let issuer = deployment.provider.issuer();
    let tokens = deployment.tokens(ADMIN).await;

    for (member, bearer) in [("id_token", Bearer::Id), ("access_token", Bearer::Access)] {
        let raw = shell_jose::verify(tokens[member].as_str().unwrap(), &keys, &Algorithms::all())
            .unwrap();
        let expected = Expected {
            issuer: &issuer,
            client_ids: &[DEVELOPMENT_CLIENT_ID.to_owned()],
            audiences: &[],
            groups: &Groups::default(),
            names: &NameClaims::default(),
            leeway: CLOCK_LEEWAY,
            bearer,
        };
        let claims = raw.check(expected, Timestamp(START)).unwrap();
        assert_eq!(claims.groups, ["admins"], "{member}");
    }
}

#[tokio::test]
async fn each_kind_of_token_has_its_own_key_with_an_awkward_name() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;

    let (id, access) = (header(&tokens, "id_token"), header(&tokens, "access_token"));

    assert_eq!(members(&id), ["alg", "kid"]);
    assert_ne!(id["kid"], access["kid"]);
    assert!(id["kid"].as_str().unwrap().ends_with('='));
}

#[tokio::test]
async fn a_user_in_no_group_has_no_group_claim() {
    let mut deployment = Deployment::new();
    deployment
        .provider
        .put_user(User::new("nobody@example.com", []));

    let tokens = deployment.tokens("nobody@example.com").await;

    for member in ["id_token", "access_token"] {
        assert!(
            claims(&tokens, member).get("cognito:groups").is_none(),
            "{member}"
        );
    }
}

#[tokio::test]
async fn claims_follow_the_scopes() {
    // Scopes, members of the answer, whether the ID token has the address.
    let table = [
        ("openid", true),
        ("openid email", true),
        ("openid profile", false),
        ("", true),
    ];
    for (scope, has_email) in table {
        let mut deployment = Deployment::new();
        let back = deployment
            .submit_login(ADMIN, &query(&[("scope", scope)]))
            .await;
        let tokens = deployment
            .exchange(&back.callback("code").unwrap())
            .await
            .json();
        let id = claims(&tokens, "id_token");
        assert_eq!(id.get("email").is_some(), has_email, "{scope}");
    }
}

#[tokio::test]
async fn subjects_are_stable_and_differ() {
    let mut first = Deployment::new();
    let mut second = Deployment::new();
    let subject = async |deployment: &mut Deployment, user| {
        claims(&deployment.tokens(user).await, "id_token")["sub"].clone()
    };

    let admin = subject(&mut first, ADMIN).await;

    assert_eq!(subject(&mut second, ADMIN).await, admin);
    assert_ne!(
        subject(&mut second, "mlflow-reader@example.com").await,
        admin
    );
}
