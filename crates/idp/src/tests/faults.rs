use shell_core::{
    Timestamp,
    algorithm::Algorithms,
    claims::{ClaimsError, Expected},
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims},
};
use shell_jose::{KeySet, VerifyError};

use super::deployment::{ADMIN, Deployment, START, claims, query};
use crate::{Counts, DEVELOPMENT_CLIENT_ID, Fault};

#[tokio::test]
async fn the_token_endpoint_fails_on_request_and_does_nothing() {
    let html = "<!doctype html><title>Sorry</title>";
    let table = [
        (Fault::TokenStatus(429), 429, ""),
        (Fault::TokenStatus(500), 500, ""),
        (Fault::TokenStatus(503), 503, ""),
        (Fault::TokenEmpty, 200, ""),
        (Fault::TokenHtml, 200, html),
    ];
    for (fault, status, body) in table {
        let mut deployment = Deployment::new();
        let code = deployment.code(ADMIN).await;
        deployment.provider.faults().set(fault);
        let answer = deployment.exchange(&code).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (status, body),
            "{fault:?}"
        );

        deployment.provider.faults().clear(fault);
        assert_eq!(
            deployment.exchange(&code).await.status,
            200,
            "{fault:?} used the code"
        );
    }
}

#[tokio::test]
async fn pages_may_not_read_what_a_provider_without_cors_refuses() {
    const READABLE: &str = "access-control-allow-origin";
    let table = [
        (None, "*", "*"),
        (Some(Fault::RefusalsWithoutCors), "*", ""),
        (Some(Fault::NoCors), "", ""),
    ];
    for (fault, success, refusal) in table {
        let mut deployment = Deployment::new();
        let code = deployment.code(ADMIN).await;
        if let Some(fault) = fault {
            deployment.provider.faults().set(fault);
        }
        let granted = deployment.exchange(&code).await;
        assert_eq!(
            (granted.status.as_u16(), granted.header(READABLE)),
            (200, success)
        );
        let refused = deployment.exchange(&code).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header(READABLE)),
            (400, refusal)
        );
    }
}

#[tokio::test]
async fn a_refresh_brings_no_id_token_and_a_revocation_is_refused_on_request() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    deployment.provider.faults().set(Fault::NoRenewedIdToken);
    deployment
        .provider
        .faults()
        .set(Fault::RevocationStatus(401));

    let renewed = deployment.refresh(refresh).await.json();
    assert!(renewed.get("id_token").is_none() && renewed.get("access_token").is_some());
    let form = [("token", refresh), ("client_id", DEVELOPMENT_CLIENT_ID)];
    assert_eq!(deployment.post("/oauth2/revoke", &form).await.status, 401);
    assert_eq!(
        deployment.refresh(refresh).await.status,
        200,
        "it was revoked"
    );
}

#[tokio::test]
async fn a_posted_id_token_ends_the_session_of_its_user_and_another_text_none() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;
    let token = tokens["id_token"].as_str().unwrap();
    let authorize = format!("/oauth2/authorize?{}", query(&[]));
    let is_signed_in = |location: &str| location.contains("code=");

    for (hint, ends) in [("", false), ("a.b.c", false), (token, true)] {
        let form = [
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("post_logout_redirect_uri", "http://localhost:8080/"),
            ("id_token_hint", hint),
        ];
        let cookie = deployment.cookie.take();
        let answer = deployment.post("/logout", &form).await;
        deployment.cookie = cookie;
        assert_eq!(
            answer.location() == "http://localhost:8080/",
            ends,
            "{hint}"
        );
        let answer = deployment.get(&authorize).await;
        assert_eq!(is_signed_in(answer.location()), !ends, "{hint}");
    }
    assert_eq!(deployment.provider.counts().hinted_logouts, 1);
}

#[tokio::test]
async fn a_held_request_is_answered_when_released() {
    let mut deployment = Deployment::new();
    let code = deployment.code(ADMIN).await;
    let provider = deployment.provider.clone();
    provider.faults().set(Fault::TokenHeld);

    let exchange = tokio::spawn(async move { deployment.exchange(&code).await.status });
    provider.counted(|counts| counts.exchanges == 1).await;
    assert!(!exchange.is_finished());
    provider.faults().clear_all();

    assert_eq!(exchange.await.unwrap(), 200);
}

#[tokio::test]
async fn tokens_can_be_wrong_in_one_thing() {
    let mut deployment = Deployment::new();
    let issuer = deployment.provider.issuer();
    let keys = KeySet::parse(&deployment.provider.jwks().to_string()).unwrap();
    let expected = Expected {
        issuer: &issuer,
        client_ids: &[DEVELOPMENT_CLIENT_ID.to_owned()],
        audiences: &[],
        groups: &Groups::default(),
        names: &NameClaims::default(),
        leeway: CLOCK_LEEWAY,
        bearer: Bearer::Id,
    };

    deployment.provider.faults().set(Fault::WrongIssuer);
    let tokens = deployment.tokens(ADMIN).await;
    let raw = shell_jose::verify(
        tokens["id_token"].as_str().unwrap(),
        &keys,
        &Algorithms::all(),
    )
    .unwrap();
    let refused = raw.check(expected, Timestamp(START)).unwrap_err();
    assert_eq!(refused, ClaimsError::Issuer);
    deployment.provider.faults().clear_all();

    deployment.provider.faults().set(Fault::WrongNonce);
    let tokens = deployment.tokens(ADMIN).await;
    assert_eq!(claims(&tokens, "id_token")["nonce"], "another-nonce");
    deployment.provider.faults().clear_all();

    deployment.provider.faults().set(Fault::UnknownKey);
    let tokens = deployment.tokens(ADMIN).await;
    let refused = shell_jose::verify(
        tokens["id_token"].as_str().unwrap(),
        &keys,
        &Algorithms::all(),
    )
    .unwrap_err();
    assert!(matches!(refused, VerifyError::UnknownKey { .. }));
}

#[tokio::test]
async fn lifetimes_can_be_short() {
    let mut deployment = Deployment::new();
    deployment.provider.faults().set(Fault::Lifetime(60));
    deployment.provider.faults().set(Fault::Lifetime(2));

    let tokens = deployment.tokens(ADMIN).await;

    assert_eq!(tokens["expires_in"], 2);
    assert_eq!(claims(&tokens, "access_token")["exp"], START + 2);
}

#[tokio::test]
async fn state_can_come_back_encoded_twice() {
    let mut deployment = Deployment::new();
    deployment.provider.faults().set(Fault::DoubleEncodedState);

    let back = deployment
        .submit_login(ADMIN, &query(&[("state", "a=b")]))
        .await;

    assert_eq!(back.callback("state").as_deref(), Some("a%3Db"));
}

#[tokio::test]
async fn pages_can_keep_their_opener() {
    let mut deployment = Deployment::new();
    deployment.provider.faults().set(Fault::NoOpenerPolicy);

    let answer = deployment.get(&format!("/login?{}", query(&[]))).await;

    assert_eq!(answer.header("cross-origin-opener-policy"), "");
}

#[tokio::test]
async fn requests_are_counted() {
    let mut deployment = Deployment::new();
    deployment
        .get(&format!("/oauth2/authorize?{}", query(&[])))
        .await;
    let tokens = deployment.tokens(ADMIN).await;
    deployment
        .refresh(tokens["refresh_token"].as_str().unwrap())
        .await;
    deployment.refresh("unknown").await;
    deployment.post("/oauth2/revoke", &[]).await;
    deployment.get("/logout").await;

    let expected = Counts {
        authorizations: 1,
        logins: 1,
        exchanges: 1,
        refreshes: 2,
        reuses: 0,
        revocations: 1,
        logouts: 1,
        hinted_logouts: 0,
    };
    assert_eq!(deployment.provider.counts(), expected);
}
