//! The real authorizer behind Lambda's interface, asked as API Gateway asks.

use serde_json::json;
use shell_jose::jwks;
use shell_tests::{
    api_gateway::Function, authorizers, environment, issuer::Issuer, lambda::Lambda,
};
use tokio::sync::Mutex;

use super::fixture::Deployed;

const SEARCH: &str = "/prod/mlflow/ajax-api/2.0/mlflow/experiments/search";
const DELETE: &str = "/prod/mlflow/ajax-api/2.0/mlflow/runs/delete";
const ARTIFACT: &str = "/prod/mlflow/get-artifact?path=a%20b.png&run_uuid=0";

#[tokio::test]
async fn the_real_authorizer_lets_members_do_what_they_may() {
    let issuer = Issuer::default();
    let function = function(Some(&issuer)).await;
    let deployed = Deployed::new(|_| (), function).await;
    let table = [
        ("admins", "GET", SEARCH, 200),
        ("admins", "POST", DELETE, 200),
        ("admins", "GET", ARTIFACT, 200),
        ("readers", "GET", SEARCH, 200),
        ("readers", "GET", ARTIFACT, 200),
        ("readers", "POST", DELETE, 403),
        ("strangers", "GET", SEARCH, 403),
    ];
    for (group, verb, path, status) in table {
        let token = issuer.sign(&authorizers::claims(&[group]));
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];

        let answer = deployed.ask(verb, path, &headers, "").await;

        let text = answer.text();
        assert_eq!(answer.status, status, "{group} {verb} {path}: {text}");
        assert!(!text.contains(&token), "the token is in the answer");
    }
}

#[tokio::test]
async fn the_real_authorizer_sends_who_has_no_good_token_to_sign_in() {
    let issuer = Issuer::default();
    let mut ended = authorizers::claims(&["admins"]);
    ended["exp"] = json!(1_700_000_000);
    let ended = format!("Bearer {}", issuer.sign(&ended));
    let unknown = issuer.sign_with_unknown_key(&authorizers::claims(&["admins"]));
    let unknown = format!("Bearer {unknown}");
    let function = function(Some(&issuer)).await;
    let deployed = Deployed::new(|_| (), function).await;
    for authorization in ["Bearer x", "Basic YTpi", &ended, &unknown] {
        let headers = [("authorization", authorization)];

        let answer = deployed.ask("GET", SEARCH, &headers, "").await;

        assert_eq!(answer.status, 401, "{}", answer.text());
        assert_eq!(answer.json(), json!({ "message": "Unauthorized" }));
    }
}

#[tokio::test]
async fn the_real_authorizer_without_keys_is_a_fault_and_no_refusal() {
    let token = Issuer::default().sign(&authorizers::claims(&["admins"]));
    let deployed = Deployed::new(|_| (), function(None).await).await;
    let authorization = format!("Bearer {token}");

    let headers = [("authorization", authorization.as_str())];
    let answer = deployed.ask("GET", SEARCH, &headers, "").await;

    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.header("x-amzn-errortype"),
        "AuthorizerConfigurationException"
    );
}

/// Our function, with the keys of `issuer`, or none.
async fn function(issuer: Option<&Issuer>) -> Function {
    let keys = issuer.map(|issuer| jwks([&issuer.key()]).to_string());
    let program = environment::authorizer();
    let lambda = Lambda::start(|keys| authorizers::ours(&program, keys), keys).await;
    Function::Program(Mutex::new(lambda.expect("our function starts")))
}
