use serde_json::{Value, json};

use super::deployment::{ADMIN, Deployment, START, claims, members};
use crate::{DEVELOPMENT_CLIENT_ID, Fault, RefreshOutcome, Rotation, User};

const DAY: u64 = 24 * 60 * 60;

#[tokio::test]
async fn without_rotation_the_old_token_stays() {
    let mut deployment = Deployment::new();
    let token = refresh_token(&deployment.tokens(ADMIN).await);

    for _ in 0..3 {
        deployment.clock.advance(DAY);
        let tokens = deployment.refresh(&token).await.json();
        assert_eq!(
            members(&tokens),
            ["access_token", "expires_in", "id_token", "token_type"]
        );
    }
}

#[tokio::test]
async fn refreshed_tokens_belong_to_the_original_sign_in() {
    let mut deployment = Deployment::new();
    let first = deployment.tokens(ADMIN).await;
    deployment.clock.advance(1000);
    let second = deployment.refresh(&refresh_token(&first)).await.json();

    for member in ["id_token", "access_token"] {
        let (first, second) = (claims(&first, member), claims(&second, member));
        for same in ["sub", "iss", "origin_jti", "auth_time", "cognito:groups"] {
            assert_eq!(first[same], second[same], "{member} {same}");
        }
        assert_eq!(second["auth_time"], json!(START), "{member}");
        assert_eq!(second["iat"], json!(START + 1000), "{member}");
        assert_ne!(first["jti"], second["jti"], "{member}");
        assert!(second.get("nonce").is_none(), "{member}");
    }
}

#[tokio::test]
async fn groups_are_those_of_the_moment() {
    let mut deployment = Deployment::new();
    let token = refresh_token(&deployment.tokens(ADMIN).await);
    deployment.provider.put_user(User::new(ADMIN, ["readers"]));

    let tokens = deployment.refresh(&token).await.json();

    assert_eq!(
        claims(&tokens, "id_token")["cognito:groups"],
        json!(["readers"])
    );
}

#[tokio::test]
async fn rotation_returns_a_successor_and_grace_lets_the_old_one_live() {
    // Grace period, seconds after the first refresh, status of the second.
    let table = [
        (0, 0, 400),
        (60, 0, 200),
        (60, 59, 200),
        (60, 60, 400),
        (10, 11, 400),
    ];
    for (grace, later, status) in table {
        let mut deployment = rotating(grace);
        let first = refresh_token(&deployment.tokens(ADMIN).await);
        let second = refresh_token(&deployment.refresh(&first).await.json());
        assert_ne!(first, second);

        deployment.clock.advance(later);
        let reuse = deployment.refresh(&first).await;
        assert_eq!(reuse.status, status, "grace {grace}, {later} s later");
        if status == 400 {
            assert_eq!(reuse.refusal().1, "invalid_grant");
        }
        assert_eq!(
            deployment.refresh(&second).await.status,
            200,
            "the successor works"
        );
    }
}

#[tokio::test]
async fn reuse_within_the_grace_period_does_not_extend_it() {
    let mut deployment = rotating(60);
    let first = refresh_token(&deployment.tokens(ADMIN).await);
    deployment.refresh(&first).await;

    deployment.clock.advance(40);
    assert_eq!(deployment.refresh(&first).await.status, 200);
    deployment.clock.advance(40);
    assert_eq!(deployment.refresh(&first).await.status, 400);
}

#[tokio::test]
async fn every_refresh_is_remembered_with_its_time_and_outcome() {
    let mut deployment = rotating(60);
    let first = refresh_token(&deployment.tokens(ADMIN).await);
    let second = refresh_token(&deployment.refresh(&first).await.json());
    deployment.clock.advance(59);
    deployment.refresh(&first).await;
    deployment.clock.advance(1);
    deployment.refresh(&first).await;
    deployment.refresh("unknown").await;
    deployment.provider.faults().set(Fault::TokenStatus(503));
    deployment.refresh(&second).await;
    deployment.provider.faults().clear_all();
    deployment.refresh(&second).await;

    let refreshes = deployment.provider.refreshes();

    let seen = refreshes.iter().map(|one| (one.at.0 - START, one.outcome));
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            (0, RefreshOutcome::Granted),
            (59, RefreshOutcome::Reused),
            (60, RefreshOutcome::ReusedLate),
            (60, RefreshOutcome::Refused),
            (60, RefreshOutcome::Faulted),
            (60, RefreshOutcome::Granted),
        ]
    );
    let counts = deployment.provider.counts();
    assert_eq!((counts.refreshes, counts.reuses), (6, 2));
}

#[tokio::test]
async fn without_rotation_no_refresh_is_a_reuse() {
    let mut deployment = Deployment::new();
    let token = refresh_token(&deployment.tokens(ADMIN).await);
    deployment.refresh(&token).await;
    deployment.refresh(&token).await;

    assert_eq!(deployment.provider.counts().reuses, 0);
}

#[tokio::test]
async fn a_successor_inherits_the_remaining_life() {
    let mut deployment = rotating(0);
    let first = refresh_token(&deployment.tokens(ADMIN).await);
    deployment.clock.advance(29 * DAY);
    let second = refresh_token(&deployment.refresh(&first).await.json());

    deployment.clock.advance(DAY);

    assert_eq!(
        deployment.refresh(&second).await.refusal(),
        (400, "invalid_grant".into())
    );
}

#[tokio::test]
async fn refresh_tokens_expire_and_unknown_ones_are_refused() {
    let mut deployment = Deployment::new();
    let token = refresh_token(&deployment.tokens(ADMIN).await);
    deployment.clock.advance(30 * DAY - 1);
    assert_eq!(deployment.refresh(&token).await.status, 200);
    deployment.clock.advance(1);

    assert_eq!(
        deployment.refresh(&token).await.refusal(),
        (400, "invalid_grant".into())
    );
    assert_eq!(
        deployment.refresh("unknown").await.refusal(),
        (400, "invalid_grant".into())
    );
}

#[tokio::test]
async fn revoking_ends_the_sign_in_and_its_descendants() {
    let mut deployment = rotating(60);
    let first = deployment.tokens(ADMIN).await;
    let second = refresh_token(&deployment.refresh(&refresh_token(&first)).await.json());

    assert_eq!(
        revoke(&mut deployment, &refresh_token(&first)).await,
        (200, String::new())
    );

    for token in [&refresh_token(&first), &second] {
        assert_eq!(
            deployment.refresh(token).await.refusal(),
            (400, "invalid_grant".into())
        );
    }
}

#[tokio::test]
async fn revocation_answers_as_cognito_does() {
    let mut deployment = Deployment::new();
    let tokens = deployment.tokens(ADMIN).await;
    let member = |name: &str| tokens[name].as_str().unwrap();
    let form = |token, client| [("token", token), ("client_id", client)];
    let client = DEVELOPMENT_CLIENT_ID;
    let table = [
        ("no token", form("", client), 400, "invalid_request"),
        (
            "an access token",
            form(member("access_token"), client),
            400,
            "unsupported_token_type",
        ),
        (
            "an ID token",
            form(member("id_token"), client),
            400,
            "unsupported_token_type",
        ),
        (
            "unknown client",
            form(member("refresh_token"), "other"),
            401,
            "invalid_client",
        ),
        ("unknown token", form("unknown", client), 200, ""),
        ("good", form(member("refresh_token"), client), 200, ""),
        ("again", form(member("refresh_token"), client), 200, ""),
    ];
    for (case, form, status, error) in table {
        let answer = deployment.post("/oauth2/revoke", &form).await;
        let body = match error {
            "" => String::new(),
            error => format!(r#"{{"error":"{error}"}}"#),
        };
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (status, &body),
            "{case}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{case}");
    }
}

fn rotating(grace: u64) -> Deployment {
    Deployment::with(|settings| settings.rotation = Some(Rotation { grace }))
}

fn refresh_token(tokens: &Value) -> String {
    tokens["refresh_token"].as_str().unwrap().into()
}

async fn revoke(deployment: &mut Deployment, token: &str) -> (u16, String) {
    let form = [("token", token), ("client_id", DEVELOPMENT_CLIENT_ID)];
    let answer = deployment.post("/oauth2/revoke", &form).await;
    (answer.status.as_u16(), answer.body)
}
