//! How long the authorizer's answers are kept, and whose they are. AWS:
//! `apigateway-use-lambda-authorizer`, `configure-api-gateway-lambda-authorization`.

use std::time::Duration;

use shell_tests::api_gateway::{Api, Outcome, Source};

use super::fixture::{Deployed, allowing, canned};

const TOKEN: &[(&str, &str)] = &[("authorization", "Bearer x")];

#[tokio::test]
async fn without_an_identity_source_the_function_is_not_asked() {
    for headers in [&[][..], &[("authorization", "")]] {
        let deployed = Deployed::open(|_| ()).await;

        let answer = deployed.ask("GET", "/prod/mlflow/x", headers, "").await;

        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("x-amzn-errortype"), "UnauthorizedException");
        assert_eq!(deployed.gateway.events().len(), 0);
    }
}

#[tokio::test]
async fn without_caching_the_function_is_asked_whatever_is_missing() {
    let deployed = Deployed::open(|api| api.caching.time_to_live = Duration::ZERO).await;
    for times in 1..=2 {
        let answer = deployed.ask("GET", "/prod/mlflow/x", &[], "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(deployed.gateway.events().len(), times);
    }
}

#[tokio::test]
async fn an_answer_is_kept_for_the_same_sources_only() {
    let deployed = Deployed::open(|_| ()).await;
    let others: [(&str, &str, &[_], usize); 6] = [
        ("GET", "/prod/mlflow/x", TOKEN, 1),
        ("GET", "/prod/mlflow/x", TOKEN, 1),
        ("GET", "/prod/mlflow/x?y", TOKEN, 1),
        ("POST", "/prod/mlflow/x", TOKEN, 2),
        ("GET", "/prod/mlflow/y", TOKEN, 3),
        ("GET", "/prod/mlflow/x", &[("authorization", "Bearer y")], 4),
    ];
    for (verb, path, headers, asked) in others {
        deployed.ask(verb, path, headers, "").await;
        assert_eq!(deployed.gateway.events().len(), asked, "{verb} {path}");
    }
}

#[tokio::test]
async fn an_answer_is_kept_no_longer_than_it_may() {
    let deployed = Deployed::open(|api| api.caching.time_to_live = Duration::from_nanos(1)).await;
    for times in 1..=2 {
        deployed.get("/prod/mlflow/x").await;
        assert_eq!(deployed.gateway.events().len(), times);
    }
}

/// The trap of an answer for one request: the next one gets it, too.
#[tokio::test]
async fn a_kept_policy_decides_about_every_method() {
    let by_token = |api: &mut Api| api.caching.sources = &[Source::Header("Authorization")];
    let outcome = Outcome::Answer(allowing("*/GET/mlflow/x"));
    let deployed = Deployed::new(by_token, canned(outcome)).await;

    assert_eq!(deployed.get("/prod/mlflow/x").await.status, 200);
    assert_eq!(deployed.get("/prod/mlflow/y").await.status, 403);
    assert_eq!(deployed.gateway.events().len(), 1);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let failure = Outcome::Failure("Unauthorized".to_owned());
    let deployed = Deployed::new(|_| (), canned(failure)).await;
    for times in 1..=2 {
        assert_eq!(deployed.get("/prod/mlflow/x").await.status, 401);
        assert_eq!(deployed.gateway.events().len(), times);
    }
}
