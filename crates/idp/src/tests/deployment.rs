use std::sync::LazyLock;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header::SET_COOKIE},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use serde_json::Value;
use shell_core::{Origin, Timestamp};
use tower::ServiceExt;

use crate::{
    Clock, DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD, Keys, Provider, Settings,
    parameters::Parameters,
};

pub(super) const CALLBACK: &str = "http://localhost:8080/callback";
pub(super) const ADMIN: &str = "mlflow-admin@example.com";
pub(super) const START: u64 = 1_700_000_000;

/// The pair of RFC 7636 appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().unwrap());

/// Parameters to replace or, with an empty value, to leave out.
pub(super) type Changes<'a> = &'a [(&'a str, &'a str)];

/// A provider, its clock, and one browser with a cookie jar.
pub(super) struct Deployment {
    pub(super) provider: Provider,
    pub(super) clock: Clock,
    router: Router,
    pub(super) cookie: Option<String>,
}

pub(super) struct TestResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Deployment {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let base = Origin::parse("http://localhost:9400").unwrap();
        let shell = Origin::parse("http://localhost:8080").unwrap();
        let mut settings = Settings::new(base, &shell);
        change(&mut settings);
        let clock = Clock::manual(Timestamp(START));
        let provider = Provider::new(settings, KEYS.clone(), clock.clone()).unwrap();
        Self {
            router: provider.router(),
            provider,
            clock,
            cookie: None,
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> TestResponse {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(super) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let request = Request::post(path).header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        );
        self.send(request, Body::from(encode(form))).await
    }

    /// Sends a request with the cookie of the browser, and keeps what it gets.
    pub(super) async fn send(
        &mut self,
        mut request: axum::http::request::Builder,
        body: Body,
    ) -> TestResponse {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("lang=en; cognito={cookie}"));
        }
        let request = request.header("host", "localhost:9400").body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep_cookie(&parts.headers);
        let bytes = body.collect().await.unwrap().to_bytes();
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep_cookie(&mut self, headers: &HeaderMap) {
        let Some(cookie) = headers.get(SET_COOKIE) else {
            return;
        };
        let value = cookie.to_str().unwrap().strip_prefix("cognito=").unwrap();
        let value = value.split(';').next().unwrap();
        self.cookie = (!value.is_empty()).then(|| value.into());
    }

    pub(super) async fn submit_login(&mut self, user: &str, query: &str) -> TestResponse {
        let form = [("username", user), ("password", DEVELOPMENT_PASSWORD)];
        self.post(&format!("/login?{query}"), &form).await
    }

    /// Signs `user` in and returns the code.
    pub(super) async fn code(&mut self, user: &str) -> String {
        let answer = self.submit_login(user, &query(&[])).await;
        answer.callback("code").unwrap()
    }

    pub(super) async fn exchange(&mut self, code: &str) -> TestResponse {
        self.post("/oauth2/token", &exchange_form(code)).await
    }

    /// Signs `user` in and returns the token endpoint's answer.
    pub(super) async fn tokens(&mut self, user: &str) -> Value {
        let code = self.code(user).await;
        self.exchange(&code).await.json()
    }

    pub(super) async fn refresh(&mut self, token: &str) -> TestResponse {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("refresh_token", token),
        ];
        self.post("/oauth2/token", &form).await
    }
}

impl TestResponse {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::FOUND, "{}", self.body);
        self.header("location")
    }

    /// A parameter of the redirect to the app.
    pub(super) fn callback(&self, name: &str) -> Option<String> {
        let query = self.location().strip_prefix(CALLBACK).unwrap();
        let parameters = Parameters::parse(query.strip_prefix('?').unwrap());
        parameters.get(name).map(String::from)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status and `error` of a refusal by a fetched endpoint.
    pub(super) fn refusal(&self) -> (u16, String) {
        let error = self.json()["error"].as_str().unwrap_or_default().into();
        (self.status.as_u16(), error)
    }
}

/// The query of a good authorization request, with `changes`.
pub(super) fn query(changes: Changes<'_>) -> String {
    encode(&changed(
        &[
            ("response_type", "code"),
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email profile"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ],
        changes,
    ))
}

pub(super) fn exchange_form(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(super) fn changed<'a>(
    base: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
    let kept = base.iter().filter(|(name, _)| !is_changed(name));
    let added = changes.iter().filter(|(_, value)| !value.is_empty());
    kept.chain(added).copied().collect()
}

/// All claims of a token in `member` of an answer.
pub(super) fn claims(tokens: &Value, member: &str) -> Value {
    part(tokens, member, 1)
}

pub(super) fn header(tokens: &Value, member: &str) -> Value {
    part(tokens, member, 0)
}

fn part(tokens: &Value, member: &str, index: usize) -> Value {
    let token = tokens[member].as_str().unwrap();
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub(super) fn members(object: &Value) -> Vec<&str> {
    let names = object.as_object().unwrap().keys();
    let mut names: Vec<_> = names.map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
