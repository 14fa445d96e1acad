//! What a server behind the gateway may not tell browsers, and what the gateway
//! tells them of every answer.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request},
    middleware::map_response,
    response::Response,
};
use serde_json::json;
use shell_core::{hosting::STRICT_TRANSPORT_SECURITY, response_headers::WITHHELD};
use shell_tests::{
    client::Answer,
    deployment::{Deployment, DeploymentSpec, Login},
    issuer::Issuer,
};

use crate::{
    echo,
    fixture::{Fixture, SCRIPT, TAB},
};

/// More of what begins as all of CORS does.
const CORS: [&str; 3] = [
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// What MLflow may say.
const KEPT: [&str; 3] = ["content-disposition", "permissions-policy", "x-mlflow-any"];

const TLS: &str = STRICT_TRANSPORT_SECURITY.0;

/// In front of a server that says all of it, of whatever it is asked.
async fn loud(change: impl FnOnce(DeploymentSpec) -> DeploymentSpec) -> Fixture {
    let issuer = Issuer::default();
    let spec = change(Login::Signed(issuer.clone()).into());
    let upstream = echo::router().layer(map_response(say_all));
    let deployment = Deployment::start(spec, upstream).await;
    let deployment = deployment.expect("everything starts");
    Fixture { deployment, issuer }
}

async fn say_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for name in WITHHELD.iter().chain(&CORS).chain(&KEPT) {
        let name = HeaderName::from_static(name);
        headers.append(name, HeaderValue::from_static("a=b"));
    }
    // Twice, such as cookies; of all it would be more than a head may have.
    for name in WITHHELD[..10].iter().chain(&KEPT) {
        let name = HeaderName::from_static(name);
        headers.append(name, HeaderValue::from_static("c=d"));
    }
    response
}

/// On each way from a server to a browser or a program.
#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_for_the_origin_does_not_pass() {
    let python = json!({ "access": "token" });
    let fixture = loud(|spec| spec.with_config("python", python)).await;
    let token = fixture.admin();
    let file = format!("/mlflow{}", echo::SCRIPT);
    let ways = [
        ("/mlflow/", TAB),
        ("/mlflow/ajax-api/2.0/mlflow/experiments/search", SCRIPT),
        ("/mlflow/get-artifact?path=a", SCRIPT),
        ("/api/2.0/mlflow/experiments/search", SCRIPT),
        ("/version", SCRIPT),
        ("/mlflow/away", SCRIPT),
        // Asked for, then kept.
        (&file, SCRIPT),
        (&file, SCRIPT),
        // Of which nothing is kept.
        ("/mlflow/static-files/nothing", SCRIPT),
    ];
    for (path, headers) in ways {
        let answer = fixture.get_with(path, &token, headers).await;

        assert!(!answer.status.is_client_error(), "{path}: {answer:?}");
        for name in WITHHELD.iter().chain(&CORS) {
            assert!(!answer.headers.contains_key(*name), "{path}: {name}");
        }
        for name in KEPT {
            assert_eq!(answer.headers.get_all(name).iter().count(), 2, "{path}");
        }
    }
}

/// The answers of a site, of each kind. Where the issuer is out of reach tokens
/// cannot be checked, which is another kind.
async fn answers(fixture: &Fixture) -> Vec<(String, Answer)> {
    let is_local = fixture.deployment.config.origin.is_loopback();
    let (reader, nobody) = (fixture.token(), String::new());
    let file = format!("/mlflow{}", echo::SCRIPT);
    let long = format!("/{}", "x".repeat(20_000));
    let table = [
        ("/", &nobody, 200),
        ("/callback", &nobody, 200),
        ("/sw.js", &nobody, 200),
        ("/config.json", &nobody, 200),
        ("/nothing", &nobody, 404),
        ("/healthz", &nobody, 200),
        ("/readyz", &nobody, 200),
        (&long, &nobody, 414),
        (&file, &nobody, 200),
        ("/mlflow/graphql", &nobody, 401),
        ("/mlflow/@none/graphql", &reader, 404),
        (
            "/mlflow/ajax-api/2.0/mlflow/experiments/search",
            &reader,
            200,
        ),
        ("/mlflow/unheard-of", &reader, 403),
        ("/mlflow/", &reader, 200),
    ];
    let mut answers = Vec::new();
    for (path, token, status) in table {
        let answer = fixture.get_with(path, token, SCRIPT).await;
        assert!(!is_local || answer.status == status, "{path}: {answer:?}");
        answers.push((path.chars().take(40).collect(), answer));
    }
    let url = format!("{}/rendezvous", fixture.deployment.gateway.origin());
    let request = Request::post(url).body(Body::empty()).expect("a request");
    answers.push(("POST /rendezvous".to_owned(), fixture.send(request).await));
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_a_site_with_tls_holds_browsers_to_it() {
    let public = |spec: DeploymentSpec| {
        spec.with_config("origin", json!("https://mlflow.example"))
            .with_config("provider.domain", json!("https://login.example"))
            .with_config("provider.issuer", json!("https://issuer.example"))
    };
    let local = |spec: DeploymentSpec| spec.with_config("origin", json!("https://localhost:8443"));
    let table = [
        (loud(public).await, 1),
        (loud(local).await, 0),
        (loud(|spec| spec).await, 0),
    ];
    for (fixture, expected) in table {
        for (path, answer) in answers(&fixture).await {
            let found: Vec<_> = answer.headers.get_all(TLS).iter().collect();
            assert_eq!(found.len(), expected, "{path}: {found:?}");
            let is_ours = |value: &&HeaderValue| *value == STRICT_TRANSPORT_SECURITY.1;
            assert!(found.iter().all(is_ours), "{path}: {found:?}");
        }
    }
}
