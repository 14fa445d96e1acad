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
    };
    assert_eq!(deployment.provider.counts(), expected);
}
