//! The token endpoint at the gateway, for a client with a secret.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use serde_json::{Value, json};
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
        let fixture = Fixture::with(|plan| {
            plan.with_config("provider.endpoints", endpoints)
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
        let mut request = Request::post(format!("{}{path}", self.fixture.world.origin));
        let own = [
            ("sec-fetch-site", "same-origin"),
            ("origin", self.fixture.world.origin.as_str()),
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
        let redirect_uri = self.fixture.world.config.redirect_uri();
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            (
                "client_id",
                self.fixture.world.config.provider.client_id.clone(),
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
        self.asked.lock().expect("nobody panicked").clone()
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
            asked.lock().expect("nobody panicked").push(entry);
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

fn fields(body: &str) -> Value {
    let pairs = form_urlencoded::parse(body.as_bytes());
    pairs
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_to_ask_the_gateway() {
    let confidential = Confidential::new().await;
    let world = &confidential.fixture.world;

    let told = confidential.fixture.get("/config.json", &[]).await.json();

    let endpoints = &told["provider"]["endpoints"];
    let provider = confidential.provider.origin();
    assert_eq!(endpoints["token"], format!("{}/oauth2/token", world.origin));
    assert_eq!(
        endpoints["revocation"],
        format!("{}/oauth2/revoke", world.origin)
    );
    assert_eq!(endpoints["authorization"], format!("{provider}/authorize"));
    assert_eq!(endpoints["end_session"], format!("{provider}/out"));
    assert!(!told.to_string().contains(SECRET));
    let policy = confidential.fixture.get("/sw.js", &[]).await;
    let policy = policy.header("content-security-policy").to_owned();
    assert!(!policy.contains(&provider), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_added_to_what_the_worker_sends() {
    let confidential = Confidential::new().await;
    let client_id = confidential.fixture.world.config.provider.client_id.clone();

    let exchange = confidential.exchange(&[]);
    let answer = confidential
        .post("/oauth2/token", &pairs(&exchange), &[])
        .await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["access_token"], "a");
    let renewal = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "r"),
        ("client_id", &client_id),
    ];
    assert_eq!(
        confidential
            .post("/oauth2/token", &renewal, &[])
            .await
            .status,
        200
    );
    let revocation = [("token", "r"), ("client_id", client_id.as_str())];
    assert_eq!(
        confidential
            .post("/oauth2/revoke", &revocation, &[])
            .await
            .status,
        200
    );

    let asked = confidential.asked();
    let basic = "Basic c2hlbGwtdW5kZXItdGVzdDpzM2NyZXQ=";
    let to: Vec<_> = asked
        .iter()
        .map(|(path, basic, _)| (path.as_str(), basic.as_str()))
        .collect();
    assert_eq!(
        to,
        [("/token", basic), ("/token", basic), ("/revoke", basic)]
    );
    let sent: Value = exchange
        .iter()
        .map(|(name, value)| (*name, value.clone()))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    assert_eq!(fields(&asked[0].2), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_may_be_shown_in_the_form() {
    let confidential = Confidential::answering("post", || "{}".into_response()).await;

    let exchange = confidential.exchange(&[]);
    confidential
        .post("/oauth2/token", &pairs(&exchange), &[])
        .await;

    let asked = confidential.asked();
    assert_eq!(asked[0].1, "");
    assert_eq!(fields(&asked[0].2)["client_secret"], SECRET);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_lent_to_nothing_else() {
    let confidential = Confidential::new().await;
    let table: [(&str, Fields<'_>, Fields<'_>, u16); 21] = [
        (
            "another grant",
            &[("grant_type", "client_credentials")],
            &[],
            400,
        ),
        (
            "a password",
            &[
                ("grant_type", "password"),
                ("username", "a"),
                ("password", "b"),
            ],
            &[],
            400,
        ),
        ("no grant", &[("grant_type", "")], &[], 400),
        ("another client", &[("client_id", "other")], &[], 400),
        ("no client", &[("client_id", "")], &[], 400),
        ("no verifier", &[("code_verifier", "")], &[], 400),
        ("no code", &[("code", "")], &[], 400),
        (
            "another return",
            &[("redirect_uri", "https://evil.test/callback")],
            &[],
            400,
        ),
        ("no return", &[("redirect_uri", "")], &[], 400),
        ("a secret of its own", &[("client_secret", "x")], &[], 400),
        ("an assertion", &[("client_assertion", "x")], &[], 400),
        ("a scope more", &[("scope", "admin")], &[], 400),
        ("both grants in one", &[("refresh_token", "r")], &[], 400),
        ("no form", &[], &[("content-type", "application/json")], 400),
        (
            "nothing that says what it is",
            &[],
            &[("content-type", "")],
            400,
        ),
        (
            "another site",
            &[],
            &[("sec-fetch-site", "cross-site")],
            403,
        ),
        (
            "a site beside ours",
            &[],
            &[("sec-fetch-site", "same-site")],
            403,
        ),
        ("a link", &[], &[("sec-fetch-site", "none")], 403),
        ("a program", &[], &[("sec-fetch-site", "")], 403),
        (
            "another origin",
            &[],
            &[("origin", "https://evil.test")],
            403,
        ),
        ("no origin", &[], &[("origin", "")], 403),
    ];
    for (case, changes, headers, status) in table {
        let form = confidential.exchange(changes);
        let answer = confidential
            .post("/oauth2/token", &pairs(&form), headers)
            .await;
        assert_eq!(answer.status, status, "{case}");
        assert_eq!(answer.header("cache-control"), "no-store", "{case}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{case}");
    }
    let mut twice = confidential.exchange(&[]);
    twice.push(("code", "other".to_owned()));
    let mut large = confidential.exchange(&[]);
    large[2].1 = "x".repeat(20_000);
    for (form, status) in [(twice, 400), (large, 413)] {
        let answer = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
        assert_eq!(answer.status, status);
    }
    let fetched = confidential.fixture.get("/oauth2/token", &[]).await;
    assert_ne!(fetched.status, 200);
    assert_eq!(confidential.asked(), []);
}

/// What the provider answers, and what the page is told.
type Row = (&'static str, fn() -> Response, u16, Value);

#[tokio::test(flavor = "multi_thread")]
async fn the_providers_answer_is_handed_on() {
    let table: [Row; 9] = [
        (
            "a refusal",
            || {
                (
                    StatusCode::BAD_REQUEST,
                    r#"{"error":"invalid_grant","error_description":"over"}"#,
                )
                    .into_response()
            },
            400,
            json!({"error": "invalid_grant", "error_description": "over"}),
        ),
        (
            "too many requests",
            || (StatusCode::TOO_MANY_REQUESTS, "slow down").into_response(),
            429,
            Value::Null,
        ),
        (
            "out of order",
            || StatusCode::BAD_GATEWAY.into_response(),
            502,
            Value::Null,
        ),
        (
            "a page",
            || (StatusCode::FORBIDDEN, "<html>").into_response(),
            403,
            Value::Null,
        ),
        ("a list", || "[1]".into_response(), 200, Value::Null),
        (
            "a redirect",
            || Redirect::temporary("/elsewhere").into_response(),
            503,
            json!({"error": "temporarily_unavailable"}),
        ),
        (
            "that our own secret is wrong",
            || (StatusCode::UNAUTHORIZED, r#"{"error":"invalid_client"}"#).into_response(),
            503,
            json!({"error": "temporarily_unavailable"}),
        ),
        (
            "too much",
            || {
                json!({"access_token": "a".repeat(300 * 1024)})
                    .to_string()
                    .into_response()
            },
            503,
            json!({"error": "temporarily_unavailable"}),
        ),
        (
            "with a cookie",
            || {
                (
                    [("set-cookie", "a=b"), ("access-control-allow-origin", "*")],
                    r#"{"a":1}"#,
                )
                    .into_response()
            },
            200,
            json!({"a": 1}),
        ),
    ];
    for (case, answer, status, body) in table {
        let confidential = Confidential::answering("basic", answer).await;
        let form = confidential.exchange(&[]);
        let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
        assert_eq!(told.status, status, "{case}");
        let said = serde_json::from_str(&told.text()).unwrap_or(Value::Null);
        assert_eq!(said, body, "{case}");
        assert_eq!(told.header("set-cookie"), "", "{case}");
        assert_eq!(told.header("access-control-allow-origin"), "", "{case}");
        let reached: Vec<_> = confidential
            .asked()
            .into_iter()
            .map(|(path, ..)| path)
            .collect();
        assert_eq!(reached, ["/token"], "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_signs_nobody_out() {
    let confidential = Confidential::new().await;
    confidential.provider.stop();

    let form = confidential.exchange(&[]);
    let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;

    assert_eq!(told.status, 503);
    assert_eq!(told.json(), json!({"error": "temporarily_unavailable"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_used_at_once_and_none_at_all_is_said() {
    let mut confidential = Confidential::new().await;
    let form = confidential.exchange(&[]);
    let file = confidential.secret.as_file_mut();
    file.set_len(0).expect("emptied");

    let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
    assert_eq!(told.status, 503);

    std::fs::write(confidential.secret.path(), "other").expect("written");
    let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
    assert_eq!(told.status, 200);
    let basic = "Basic c2hlbGwtdW5kZXItdGVzdDpvdGhlcg==";
    assert_eq!(confidential.asked()[0].1, basic);
}

/// A client without a secret asks the provider itself.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_there_is_no_such_place() {
    let fixture = Fixture::new().await;
    let request = Request::post(format!("{}/oauth2/token", fixture.world.origin))
        .header("sec-fetch-site", "same-origin")
        .header("origin", fixture.world.origin.as_str())
        .body(Body::empty())
        .expect("a request");
    let status = fixture.send(request).await.status;
    assert!(status.is_client_error(), "{status}");
}
