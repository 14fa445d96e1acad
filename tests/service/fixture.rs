//! A gateway in front of the echo, whose tokens the tests sign.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_gateway::settings::Settings;
use shell_jose::SigningKey;
use shell_tests::{
    client::{self, Answer},
    deployment::{Deployment, DeploymentSpec, Login},
    issuer::{self, Issuer},
    record::{Recipient, Record},
};

use crate::echo;

/// What a script's request looks like.
pub(crate) const SCRIPT: &[(&str, &str)] =
    &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
/// What a tab's navigation looks like.
pub(crate) const TAB: &[(&str, &str)] = &[
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("accept", "text/html,*/*"),
];
/// What a frame's navigation looks like.
pub(crate) const FRAME: &[(&str, &str)] = &[
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "iframe"),
    ("accept", "text/html,*/*"),
];

/// Settings, as a file has them.
pub(crate) fn given(settings: Value) -> Settings {
    serde_json::from_value(settings).expect("settings")
}

/// A gateway and the issuer it believes.
pub(crate) struct Fixture {
    pub(crate) deployment: Deployment,
    pub(crate) issuer: Issuer,
}

fn configure(spec: DeploymentSpec, keys: &[(&str, Value)]) -> DeploymentSpec {
    let add =
        |spec: DeploymentSpec, (key, value): &(&str, Value)| spec.with_config(key, value.clone());
    keys.iter().fold(spec, add)
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|spec| spec).await
    }

    /// With these keys in `config.json`.
    pub(crate) async fn configured(keys: &[(&str, Value)]) -> Self {
        Self::with(|spec| configure(spec, keys)).await
    }

    /// With these keys in `config.json`, and an issuer that publishes `set` and
    /// signs with `key`.
    pub(crate) async fn issued_by(key: SigningKey, set: Value, keys: &[(&str, Value)]) -> Self {
        let issuer = Issuer::default();
        issuer.publish(key, set);
        Self::of(issuer, |spec| configure(spec, keys)).await
    }

    /// With a deployment that is changed by `change`.
    pub(crate) async fn with(change: impl FnOnce(DeploymentSpec) -> DeploymentSpec) -> Self {
        Self::of(Issuer::default(), change).await
    }

    async fn of(issuer: Issuer, change: impl FnOnce(DeploymentSpec) -> DeploymentSpec) -> Self {
        let spec = change(Login::Signed(issuer.clone()).into());
        let deployment = Deployment::start(spec, echo::router()).await;
        Self {
            deployment: deployment.expect("everything starts"),
            issuer,
        }
    }

    /// The claims of a reader's token.
    pub(crate) fn claims(&self) -> Value {
        issuer::claims(&self.deployment.login.origin())
    }

    /// A reader's token with one claim replaced.
    pub(crate) fn token_with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        self.issuer.sign(&claims)
    }

    /// A reader's token.
    pub(crate) fn token(&self) -> String {
        self.issuer.sign(&self.claims())
    }

    /// An administrator's token.
    pub(crate) fn admin(&self) -> String {
        self.token_with("cognito:groups", json!(["admins"]))
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.deployment.origin);
        client::get(&url, headers).await.expect("an answer")
    }

    /// As a script of an administrator's, who may ask for what no MLflow has.
    pub(crate) async fn get_as_admin(&self, path: &str) -> Answer {
        self.get_with(path, &self.admin(), SCRIPT).await
    }

    /// As a script of a reader's.
    pub(crate) async fn get_as_reader(&self, path: &str) -> Answer {
        self.get_with(path, &self.token(), SCRIPT).await
    }

    pub(crate) async fn get_with(
        &self,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut all = headers.to_vec();
        all.push(("authorization", &bearer));
        self.get(path, &all).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        client::send(request).await.expect("an answer")
    }

    /// What reached the echo.
    pub(crate) fn reached(&self) -> Vec<Record> {
        self.deployment.record.of(Recipient::Upstream)
    }
}
