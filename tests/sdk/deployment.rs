//! A gateway that serves programs, in front of a real MLflow.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_tests::{
    client,
    deployment::{Deployment, DeploymentSpec, Login},
    environment,
    environment::Tracking,
    issuer::{self, Issuer},
    proxy::{self, Host},
};

pub(crate) const READER: &str = "readers";
pub(crate) const APPROVER: &str = "model-approvers";
pub(crate) const ADMIN: &str = "admins";

/// One MLflow behind a gateway with the built-in policy.
pub(crate) struct SdkDeployment {
    pub(crate) version: String,
    /// Where MLflow itself answers.
    pub(crate) direct: String,
    pub(crate) inner: Deployment,
    python: PathBuf,
    issuer: Issuer,
}

impl SdkDeployment {
    /// One of each version that was started.
    pub(crate) async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for tracking in environment::tracking_servers() {
            all.push(Self::start(tracking, &[]).await);
        }
        assert!(!all.is_empty(), "no MLflow was started");
        all
    }

    /// The one of the version that is ours.
    pub(crate) async fn newest() -> Self {
        Self::newest_with(&[]).await
    }

    /// The same, with these keys in `config.json`.
    pub(crate) async fn newest_with(keys: &[(&str, Value)]) -> Self {
        let servers = environment::tracking_servers();
        let newest = servers.into_iter().next_back();
        Self::start(newest.expect("an MLflow was started"), keys).await
    }

    pub(crate) async fn start(tracking: Tracking, keys: &[(&str, Value)]) -> Self {
        let issuer = Issuer::default();
        let spec = Login::Signed(issuer.clone()).with_config("python", json!({"access": "token"}));
        let add = |spec: DeploymentSpec, (key, value): &(&str, Value)| {
            spec.with_config(key, value.clone())
        };
        let spec = keys.iter().fold(spec, add);
        let mlflow = proxy::to(&tracking.url, Host::Replaced);
        Self {
            inner: Deployment::start(spec, mlflow)
                .await
                .expect("everything starts"),
            python: environment::client(&tracking.version),
            version: tracking.version,
            direct: tracking.url,
            issuer,
        }
    }

    /// A token of the identity provider.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.issuer.sign(claims)
    }

    /// A token for programs, as a page of a member of `group` is given it.
    pub(crate) async fn token(&self, group: &str) -> String {
        let mut claims = issuer::claims(&self.inner.login.origin());
        claims["sub"] = json!(group);
        claims["cognito:groups"] = json!([group]);
        let request = Request::post(format!("{}/mlflow/@shell/tokens", self.inner.origin))
            .header(
                "authorization",
                format!("Bearer {}", self.issuer.sign(&claims)),
            )
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "same-origin")
            .header("sec-fetch-dest", "empty")
            .body(Body::empty());
        let answer = client::send(request.expect("a request")).await;
        let told = answer.expect("an answer").json();
        told["token"].as_str().expect("a token").to_owned()
    }

    /// Python with MLflow's client, as a user of the gateway has it.
    pub(crate) fn python(&self, token: &str) -> Command {
        let mut command = Command::new(&self.python);
        environment::isolate(&mut command);
        command
            // No compiled files beside the sources.
            .arg("-B")
            .env("MLFLOW_TRACKING_URI", &self.inner.origin)
            .env("MLFLOW_TRACKING_TOKEN", token);
        command
    }
}

/// Runs a program to its end.
pub(crate) async fn output(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    output.expect("no panic").expect("Python starts")
}

/// What a program said, for a message.
pub(crate) fn said(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr];
    both.map(|text| String::from_utf8_lossy(text)).concat()
}
