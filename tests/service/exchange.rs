//! The token endpoint at the gateway, for a client with a secret.

mod answers;
mod secret;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use shell_tests::{client::Answer, server::Server};
use tempfile::NamedTempFile;

use crate::fixture::{Fixture, given};

const SECRET: &str = "s3cret";
const FORM: &str = "application/x-www-form-urlencoded";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What the provider was asked: the path, `Authorization`, and the form.
type Asked = Arc<Mutex<Vec<(String, String, String)>>>;

/// A gateway whose client has a secret, and a provider that writes down what it
/// is asked.
struct Confidential {
    fixture: Fixture,
    asked: Asked,
    secret: NamedTempFile,
    provider: Server,
}

type Fields<'a> = &'a [(&'a str, &'a str)];

impl Confidential {
    async fn new() -> Self {
        Self::answering("basic", || {
            let tokens = json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60 });
            tokens.to_string().into_response()
        })
        .await
    }

    async fn answering(authentication: &str, answer: fn() -> Response) -> Self {
        let asked = Asked::default();
        let provider = Server::start(provider(asked.clone(), answer)).await;
        let provider = provider.expect("a provider");
        let mut secret = NamedTempFile::new().expect("a file");
        writeln!(secret, "{SECRET}").expect("written");
        let at = |path| format!("{}{path}", provider.origin());
        let endpoints = json!({
            "authorization": at("/authorize"), "token": at("/token"), "revocation": at("/revoke"),
            "end_session": at("/out"),
        });
        let client = json!({ "secret_file": secret.path(), "authentication": authentication });
        let fixture = Fixture::with(|spec| {
            spec.with_config("provider.endpoints", endpoints)
                .with_settings(given(json!({ "client": client })))
        });
        Self {
            fixture: fixture.await,
            asked,
            secret,
            provider,
        }
    }

    /// Posts a form as our worker does, with these headers in place of its own.
    async fn post(&self, path: &str, form: Fields<'_>, headers: Fields<'_>) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = Request::post(format!("{}{path}", self.fixture.deployment.origin));
        let own = [
            ("sec-fetch-site", "same-origin"),
            ("origin", self.fixture.deployment.origin.as_str()),
            ("content-type", FORM),
        ];
        let is_replaced = |name| headers.iter().any(|(other, _)| *other == name);
        let kept = own.iter().filter(|(name, _)| !is_replaced(*name));
        let named = kept.chain(headers).filter(|(_, value)| !value.is_empty());
        for (name, value) in named {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        self.fixture.send(request).await
    }

    /// The form that exchanges a code, with `changes`: an empty value takes a
    /// field out.
    fn exchange<'a>(&self, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
        let redirect_uri = self.fixture.deployment.config.redirect_uri();
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            (
                "client_id",
                self.fixture.deployment.config.provider.client_id.clone(),
            ),
            ("code", "c0de".to_owned()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER.to_owned()),
        ];
        for (name, value) in changes {
            form.retain(|(other, _)| other != name);
            if !value.is_empty() {
                form.push((name, (*value).to_owned()));
            }
        }
        form
    }

    fn asked(&self) -> Vec<(String, String, String)> {
        self.asked.lock().expect("no other thread panicked").clone()
    }
}

fn provider(asked: Asked, answer: fn() -> Response) -> Router {
    let take = move |path: &'static str| {
        let asked = asked.clone();
        move |headers: HeaderMap, body: String| {
            let header = headers.get("authorization");
            let header = header.map(|value| value.to_str().expect("text").to_owned());
            let names: Vec<_> = headers.keys().map(ToString::to_string).collect();
            assert!(
                !names
                    .iter()
                    .any(|name| name == "origin" || name == "cookie"),
                "{names:?}"
            );
            let entry = (path.to_owned(), header.unwrap_or_default(), body);
            asked.lock().expect("no other thread panicked").push(entry);
            async move { answer() }
        }
    };
    Router::new()
        .route("/token", post(take("/token")))
        .route("/revoke", post(take("/revoke")))
        .route("/elsewhere", post(take("/elsewhere")))
}

fn pairs<'a>(form: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    form.iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_to_ask_the_gateway() {
    let confidential = Confidential::new().await;
    let deployment = &confidential.fixture.deployment;

    let told = confidential.fixture.get("/config.json", &[]).await.json();

    let endpoints = &told["provider"]["endpoints"];
    let provider = confidential.provider.origin();
    assert_eq!(
        endpoints["token"],
        format!("{}/oauth2/token", deployment.origin)
    );
    assert_eq!(
        endpoints["revocation"],
        format!("{}/oauth2/revoke", deployment.origin)
    );
    assert_eq!(endpoints["authorization"], format!("{provider}/authorize"));
    assert_eq!(endpoints["end_session"], format!("{provider}/out"));
    assert!(!told.to_string().contains(SECRET));
    let policy = confidential.fixture.get("/sw.js", &[]).await;
    let policy = policy.header("content-security-policy").to_owned();
    assert!(!policy.contains(&provider), "{policy}");
}

/// A client without a secret asks the provider itself.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_there_is_no_such_place() {
    let fixture = Fixture::new().await;
    let request = Request::post(format!("{}/oauth2/token", fixture.deployment.origin))
        .header("sec-fetch-site", "same-origin")
        .header("origin", fixture.deployment.origin.as_str())
        .body(Body::empty())
        .expect("a request");
    let status = fixture.send(request).await.status;
    assert!(status.is_client_error(), "{status}");
}
