//! An API in front of a server that says what it was asked.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, Request},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use serde_json::{Value, json};
use shell_tests::{
    api_gateway::{Api, ApiGateway, Function, Integration, Outcome, Transfer},
    client::{self, Answer},
    server::Server,
};

/// Where the site is that uses the API.
pub(super) const SITE: &str = "https://mlflow.example.com";

/// What its images are like: no text.
pub(super) const IMAGE: &[u8] = b"\x89PNG\r\n\x1a\n\xff\xd8\0";

/// A deployed API, gone when dropped.
pub(super) struct Deployed {
    pub(super) gateway: ApiGateway,
    pub(super) origin: String,
    _servers: [Server; 2],
}

impl Deployed {
    /// Deploys the API, changed by `change`, with an authorizer.
    pub(super) async fn new(change: impl FnOnce(&mut Api), function: Function) -> Self {
        let mlflow = Server::start(mlflow()).await.expect("a port is free");
        let mut api = Api::of(&mlflow.origin(), SITE);
        change(&mut api);
        let gateway = ApiGateway::new(api, function);
        let server = Server::start(gateway.router()).await;
        let server = server.expect("a port is free");
        Self {
            gateway,
            origin: server.origin(),
            _servers: [mlflow, server],
        }
    }

    /// The same with an authorizer that lets everyone.
    pub(super) async fn open(change: impl FnOnce(&mut Api)) -> Self {
        Self::new(change, canned(Outcome::Answer(allowing("*")))).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("authorization", "Bearer x")], "")
            .await
    }

    pub(super) async fn ask(
        &self,
        verb: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(verb)
            .uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        client::send(request).await.expect("an answer")
    }
}

/// A function that always answers this.
pub(super) fn canned(outcome: Outcome) -> Function {
    Function::Canned(Box::new(move |_| outcome.clone()))
}

/// A policy that allows what `resource` says.
pub(super) fn allowing(resource: &str) -> Value {
    policy(&json!([statement("Allow", resource)]))
}

pub(super) fn policy(statements: &Value) -> Value {
    json!({
        "principalId": "alice",
        "policyDocument": { "Version": "2012-10-17", "Statement": statements },
    })
}

pub(super) fn statement(effect: &str, resource: &str) -> Value {
    json!({ "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource })
}

/// Has every integration buffer its answers.
pub(super) fn buffer(api: &mut Api) {
    for method in &mut api.methods {
        if let Integration::Proxy { transfer, .. } = &mut method.integration {
            *transfer = Transfer::Buffered;
        }
    }
}

fn mlflow() -> Router {
    let challenge = [("www-authenticate", "Basic"), ("server", "mlflow")];
    Router::new()
        .route(
            "/image",
            get(|| async { ([("content-type", "image/png")], IMAGE) }),
        )
        .route(
            "/long/{length}",
            get(|Path(length)| async move { "x".repeat(length) }),
        )
        .route("/never", get(never))
        .route("/late", get(late))
        .route(
            "/unnamed",
            get(|| async { Response::new(Body::from("{}")) }),
        )
        .route(
            "/refused",
            any(move || async move { (StatusCode::UNAUTHORIZED, challenge) }),
        )
        .fallback(tell)
        .layer(DefaultBodyLimit::disable())
}

async fn tell(uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), Value::from(value))
    });
    let told = json!({
        "url": uri.to_string(),
        "headers": headers.collect::<serde_json::Map<_, _>>(),
        "length": body.len(),
        "body": body[..body.len().min(100)].to_vec(),
    });
    ([("content-type", "application/json")], told.to_string())
}

async fn never() {
    std::future::pending::<()>().await;
}

/// Begins at once, and goes on when all patience is over.
async fn late() -> Response {
    let beats = futures_util::stream::unfold(0, |beat| async move {
        tokio::time::sleep(Duration::from_millis(if beat == 0 { 0 } else { 300 })).await;
        (beat < 2).then_some((Ok::<_, std::convert::Infallible>("."), beat + 1))
    });
    Body::from_stream(beats).into_response()
}
