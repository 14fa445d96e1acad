//! A gateway that asks its provider where people sign in.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use shell_gateway::{
    Audit, Components, Draining, LivePolicy, Metrics, Network, PendingConfig, TokenKeys, Tracer,
    Upstreams, discover_config, router_when_configured,
    settings::{Settings, TrustedIssuer},
};
use shell_tests::{
    client::{self, Answer},
    deployment::{Deployment, Login},
    environment,
    issuer::{self, Issuer},
    server::Server,
    wait,
};

use crate::{
    echo,
    fixture::{SCRIPT, TAB},
};

const API: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// What a provider answers at the moment for its document.
type Answering = fn(Value) -> Response;
type Answers = Arc<Mutex<Answering>>;

/// A provider, and a gateway that asks it.
struct Asking {
    gateway: Server,
    provider: Server,
    issuer: Issuer,
    answers: Answers,
    _mlflow: Server,
}

#[expect(clippy::needless_pass_by_value, reason = "as the others")]
fn truth(document: Value) -> Response {
    document.to_string().into_response()
}

fn trouble(_: Value) -> Response {
    StatusCode::BAD_GATEWAY.into_response()
}

impl Asking {
    async fn new(answer: fn(Value) -> Response) -> Self {
        let issuer = Issuer::default();
        let answers = Arc::new(Mutex::new(answer));
        let bind = || async { Server::bind().await.expect("a free port") };
        let (gateway, provider, mlflow) = (bind().await, bind().await, bind().await);
        mlflow.serve(echo::router());
        provider.serve(publish(&provider.origin(), &issuer, answers.clone()));
        let config = json!({
            "origin": gateway.origin(),
            "provider": { "issuer": provider.origin(), "client_id": "shell-under-test" },
        });
        let draft = PendingConfig::read(&config.to_string()).expect("a configuration");
        gateway.serve(router_when_configured(&draft, settings(&draft, &mlflow)));
        Self {
            gateway,
            provider,
            issuer,
            answers,
            _mlflow: mlflow,
        }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.gateway.origin());
        client::get(&url, headers).await.expect("an answer")
    }

    async fn ready(&self) -> Value {
        let told = wait::until("a configuration", async || {
            let answer = self.get("/config.json", &[]).await;
            Ok((answer.status == 200).then(|| answer.json()))
        });
        told.await.expect("it is told")
    }

    async fn api(&self) -> u16 {
        let token = self.issuer.sign(&issuer::claims(&self.provider.origin()));
        let bearer = format!("Bearer {token}");
        let mut headers = SCRIPT.to_vec();
        headers.push(("authorization", &bearer));
        self.get(API, &headers).await.status.as_u16()
    }
}

fn settings(draft: &PendingConfig, mlflow: &Server) -> Components {
    let config = draft.config().clone();
    Components {
        issuers: TrustedIssuer::all(&config, None, &[]).expect("issuers"),
        upstreams: Upstreams::new(&config, Some(&mlflow.origin())).expect("a server"),
        policy: LivePolicy::default(),
        audit: Audit::off(),
        site: environment::site().into(),
        settings: Settings::default(),
        network: Network::default(),
        draining: Draining::default(),
        token_keys: TokenKeys::draw().expect("randomness"),
        metrics: Metrics::default(),
        tracer: Tracer::default(),
        config,
    }
}

/// A provider on paths like Keycloak's.
fn publish(origin: &str, issuer: &Issuer, answers: Answers) -> Router {
    let at = |path: &str| format!("{origin}/protocol/openid-connect/{path}");
    let document = json!({
        "issuer": origin,
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "authorization_endpoint": at("auth"),
        "token_endpoint": at("token"),
        "end_session_endpoint": at("logout"),
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let answer = move || {
        let answer = *answers.lock().expect("no other thread panicked");
        let document = document.clone();
        async move { answer(document) }
    };
    issuer
        .router()
        .route("/.well-known/openid-configuration", get(answer))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_what_the_provider_says() {
    let asking = Asking::new(truth).await;

    let told = asking.ready().await;

    let origin = asking.provider.origin();
    let at = |path: &str| format!("{origin}/protocol/openid-connect/{path}");
    let endpoints = json!({
        "authorization": at("auth"), "token": at("token"), "end_session": at("logout"),
    });
    assert_eq!(told["provider"]["endpoints"], endpoints);
    assert_eq!(told["provider"]["domain"], origin);
    let worker = asking.get("/sw.js", &[]).await;
    let policy = worker.header("content-security-policy");
    assert!(
        policy.contains(&format!("connect-src 'self' {origin}")),
        "{policy}"
    );
    assert_eq!(asking.api().await, 200);
}

/// Nothing is guessed meanwhile, and no restart is needed.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_is_asked_again() {
    let asking = Asking::new(trouble).await;

    for (path, headers) in [("/config.json", SCRIPT), ("/", TAB), ("/sw.js", &[])] {
        let answer = asking.get(path, headers).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), "5", "{path}");
    }
    assert_eq!(asking.api().await, 503);
    assert_eq!(asking.get("/healthz", &[]).await.status, 200);

    *asking.answers.lock().expect("no other thread panicked") = truth;
    asking.ready().await;
    assert_eq!(asking.api().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_signed_in_at_is_not_believed() {
    let table: [(&str, Answering, &str); 5] = [
        (
            "another's document",
            |mut document| {
                document["issuer"] = "https://accounts.example".into();
                truth(document)
            },
            "is that of `https://accounts.example`",
        ),
        (
            "tokens that cannot be checked",
            |mut document| {
                document["id_token_signing_alg_values_supported"] = json!(["HS256"]);
                truth(document)
            },
            "has HS256 as the algorithms that sign ID tokens, and this site takes RS256",
        ),
        (
            "a sign-in in the clear",
            |mut document| {
                document["authorization_endpoint"] = "http://login.example/auth".into();
                truth(document)
            },
            "has a `authorization_endpoint` that must use https://",
        ),
        (
            "no token endpoint",
            |mut document| {
                document["token_endpoint"] = Value::Null;
                truth(document)
            },
            "has no `token_endpoint`",
        ),
        ("trouble", trouble, "answers 502 Bad Gateway"),
    ];
    for (case, answer, problem) in table {
        let asking = Asking::new(answer).await;
        assert_eq!(
            asking.get("/config.json", SCRIPT).await.status,
            503,
            "{case}"
        );

        let issuer = asking.provider.origin();
        let said = discover_config(
            &issuer,
            "client",
            "http://localhost:8080",
            &Network::default(),
        )
        .await;
        let said = said.expect_err(case);
        assert!(said.contains(problem), "{case}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_for_a_site_of_files_is_printed_whole() {
    let asking = Asking::new(truth).await;
    let issuer = asking.provider.origin();
    let found = discover_config(
        &issuer,
        "client",
        "http://localhost:8080",
        &Network::default(),
    )
    .await;
    let found = found.expect("a configuration");
    assert_eq!(found["origin"], "http://localhost:8080");
    assert_eq!(found["provider"]["issuer"], issuer);
    assert!(
        PendingConfig::read(&found.to_string())
            .expect("it is one")
            .is_complete()
    );

    let public = discover_config(
        &issuer,
        "client",
        "https://mlflow.example.com",
        &Network::default(),
    )
    .await;
    let said = public.expect_err("a provider on this machine, for others");
    assert!(said.contains("is a local address"), "{said}");
}

/// A pool's paths are known, so its document's words are two lines.
#[tokio::test(flavor = "multi_thread")]
async fn of_cognito_only_the_hosted_login_is_written_down() {
    let deployment = Deployment::start(Login::Development, echo::router()).await;
    let deployment = deployment.expect("everything starts");
    let issuer = &deployment.config.provider.issuer;
    let found = discover_config(
        issuer,
        "client",
        "http://localhost:8080",
        &Network::default(),
    )
    .await;
    let provider = &found.expect("a configuration")["provider"];
    assert_eq!(provider["domain"], deployment.login.origin());
    assert_eq!(provider["endpoints"], Value::Null);
}
