//! The gateway that makes the token requests and keeps the refresh token, in front
//! of the development provider.

mod ends;
mod others;
mod renewal;

use std::{collections::BTreeMap, sync::Mutex};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_core::pkce;
use shell_idp::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD, Provider};
use shell_tests::{
    client::{self, Answer},
    deployment::{Deployment, DeploymentSpec, Login},
};

use crate::echo;

const ADMIN: &str = "mlflow-admin@example.com";
const READER: &str = "mlflow-reader@example.com";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A deployment whose gateway keeps the sessions, and a browser's cookies.
struct Mediated {
    deployment: Deployment,
    cookies: Mutex<BTreeMap<String, String>>,
}

type Headers<'a> = &'a [(&'a str, &'a str)];

impl Mediated {
    async fn new() -> Self {
        Self::with(|spec| spec).await
    }

    async fn with(change: impl FnOnce(DeploymentSpec) -> DeploymentSpec) -> Self {
        let spec = DeploymentSpec::from(Login::Development).rotating(0);
        let spec = change(spec.with_config("provider.via_gateway", json!(true)));
        let deployment = Deployment::start(spec, echo::router()).await;
        Self {
            deployment: deployment.expect("everything starts"),
            cookies: Mutex::default(),
        }
    }

    fn provider(&self) -> &Provider {
        let provider = self.deployment.provider.as_ref();
        provider.expect("the development provider")
    }

    /// Signs in as a browser does, and returns the answer to the worker.
    async fn sign_in(&self, user: &str) -> Answer {
        let code = self.code(user).await;
        self.exchange(&code, &[]).await
    }

    async fn code(&self, user: &str) -> String {
        let callback = format!("{}/callback", self.deployment.origin);
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", DEVELOPMENT_CLIENT_ID),
                ("redirect_uri", &callback),
                ("scope", "openid email"),
                ("nonce", "n"),
                ("code_challenge", &pkce::challenge(VERIFIER)),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        let login = format!("{}/login?{query}", self.deployment.login.origin());
        let form = [("username", user), ("password", DEVELOPMENT_PASSWORD)];
        let answer = client::post_form(&login, &form).await.expect("an answer");
        let (_, code) = answer
            .header("location")
            .rsplit_once("code=")
            .expect("a code");
        code.to_owned()
    }

    async fn exchange(&self, code: &str, headers: Headers<'_>) -> Answer {
        let callback = format!("{}/callback", self.deployment.origin);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ];
        self.post("/oauth2/token", &form, headers).await
    }

    async fn renew(&self, handle: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", handle)];
        self.post("/oauth2/token", &form, &[]).await
    }

    async fn revoke(&self, handle: &str) -> Answer {
        self.post("/oauth2/revoke", &[("token", handle)], &[]).await
    }

    /// Posts a form of our client as the worker does, with the browser's cookies, and
    /// these headers in place of its own.
    async fn post(&self, path: &str, form: Headers<'_>, headers: Headers<'_>) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .append_pair("client_id", DEVELOPMENT_CLIENT_ID)
            .finish();
        let origin = self.deployment.origin.as_str();
        let cookies = self.cookie();
        let own = [
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "cors"),
            ("origin", origin),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", &cookies),
        ];
        let is_replaced = |name| headers.iter().any(|(other, _)| *other == name);
        let kept = own.iter().filter(|(name, _)| !is_replaced(*name));
        let mut request = Request::post(format!("{origin}{path}"));
        for (name, value) in kept.chain(headers).filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = client::send(request).await.expect("an answer");
        self.take_cookies(&answer);
        answer
    }

    fn take_cookies(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().expect("no other thread panicked");
        for text in set_cookies(answer) {
            let (pair, attributes) = text.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The header with all cookies.
    fn cookie(&self) -> String {
        let cookies = self.cookies.lock().expect("no other thread panicked");
        let pairs = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn set_cookie(&self, header: &str) {
        let pairs = header.split("; ").filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        *self.cookies.lock().expect("no other thread panicked") = pairs.collect();
    }
}

fn set_cookies(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all("set-cookie").iter();
    values.map(|value| value.to_str().expect("text")).collect()
}

/// The handle in an answer to the worker.
fn handle(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    answer["refresh_token"]
        .as_str()
        .expect("a handle")
        .to_owned()
}

fn refusal(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["error"].clone())
}

/// What refuses a session that is over.
fn over() -> (u16, Value) {
    (400, "invalid_grant".into())
}
