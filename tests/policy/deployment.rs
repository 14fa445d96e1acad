//! A gateway in front of a real MLflow, and a user of each role.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};
use shell_gateway::settings::Settings;
use shell_tests::{
    client::{self, Answer},
    deployment::{Deployment, DeploymentSpec, Login},
    environment::{self, Tracking},
    issuer::{self, Issuer},
    proxy::{self, Host},
    record::Recipient,
};
use tokio::sync::{Mutex, MutexGuard};

use crate::store::{self, Store};

pub(crate) const READER: &str = "readers";
pub(crate) const APPROVER: &str = "model-approvers";
pub(crate) const ADMIN: &str = "admins";

/// One MLflow behind a gateway with the built-in policy.
pub(crate) struct PolicyDeployment {
    pub(crate) version: String,
    pub(crate) inner: Deployment,
    issuer: Issuer,
    store: Store,
}

/// One of each version, and the right to change what they store.
pub(crate) struct PolicyDeployments {
    all: Vec<PolicyDeployment>,
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::const_new(());

impl PolicyDeployments {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PolicyDeployment> {
        self.all.iter()
    }
}

impl PolicyDeployment {
    /// A deployment for each version of MLflow that was started, for one test
    /// at a time: another would change what is stored.
    pub(crate) async fn all() -> PolicyDeployments {
        Self::all_with_policy(None).await
    }

    /// As [`all`](Self::all), with this policy.
    pub(crate) async fn all_with(policy: &str) -> PolicyDeployments {
        Self::all_with_policy(Some(policy)).await
    }

    /// As [`all_with`](Self::all_with), at gateways that write whose a run is.
    pub(crate) async fn all_with_owners(policy: &str) -> PolicyDeployments {
        let settings = Settings {
            run_owner: true,
            ..Settings::default()
        };
        let change = |spec: DeploymentSpec| {
            let spec = spec.with_policy(policy);
            spec.with_settings(settings.clone())
        };
        Self::all_changed(change).await
    }

    async fn all_with_policy(policy: Option<&str>) -> PolicyDeployments {
        Self::all_changed(|spec| match policy {
            Some(policy) => spec.with_policy(policy),
            None => spec,
        })
        .await
    }

    async fn all_changed(change: impl Fn(DeploymentSpec) -> DeploymentSpec) -> PolicyDeployments {
        let turn = TURN.lock().await;
        let mut all = Vec::new();
        for tracking in environment::tracking_servers() {
            all.push(Self::start(tracking, &change).await);
        }
        assert!(!all.is_empty(), "no MLflow was started");
        PolicyDeployments { all, _turn: turn }
    }

    /// A server with workspaces, with this policy.
    pub(crate) async fn with_workspaces(policy: &str) -> Self {
        let change = |spec: DeploymentSpec| spec.with_policy(policy);
        Self::start(environment::workspaces(), &change).await
    }

    async fn start(tracking: Tracking, change: &impl Fn(DeploymentSpec) -> DeploymentSpec) -> Self {
        let issuer = Issuer::default();
        let mlflow = proxy::to(&tracking.url, Host::Replaced);
        let spec = change(Login::Signed(issuer.clone()).into());
        let inner = Deployment::start(spec, mlflow).await;
        Self {
            inner: inner.expect("everything starts"),
            version: tracking.version,
            store: store::of(tracking.folder),
            issuer,
        }
    }

    /// A token of a member of `group`.
    pub(crate) fn token(&self, group: &str) -> String {
        let mut claims = issuer::claims(&self.inner.login.origin());
        claims["cognito:groups"] = json!([group]);
        self.issuer.sign(&claims)
    }

    /// Asks for `path` of MLflow as a member of `group`.
    pub(crate) async fn ask(&self, group: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.ask_with(group, (method, path), &[], body).await
    }

    /// As [`ask`](Self::ask), with these headers.
    pub(crate) async fn ask_with(
        &self,
        group: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let is_read = method == Method::GET;
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/mlflow{path}", self.inner.origin))
            .header("authorization", format!("Bearer {}", self.token(group)))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(if is_read {
            Body::empty()
        } else {
            Body::from(body.to_string())
        });
        let answer = client::send(request.expect("a request")).await;
        answer.expect("an answer")
    }

    /// As [`ask`](Self::ask), and MLflow does it.
    pub(crate) async fn done(&self, group: &str, method: &str, path: &str, body: Value) -> Value {
        let answer = self.ask(group, method, path, &body).await;
        let said = answer.text();
        assert_eq!(
            answer.status, 200,
            "{}: {method} {path}: {said}",
            self.version
        );
        answer.json()
    }

    /// How many requests have reached MLflow.
    pub(crate) fn reached(&self) -> usize {
        self.inner.record.of(Recipient::Upstream).len()
    }

    /// Refuses a store that is not as it was `before`.
    pub(crate) fn refuse_change(&self, before: &str) {
        store::refuse_change(&self.version, before, &self.stored());
    }

    /// Everything that MLflow has stored.
    pub(crate) fn stored(&self) -> String {
        self.store.dump()
    }
}

/// Whether the gateway refused, and not MLflow.
pub(crate) fn is_denied(answer: &Answer) -> bool {
    let told = answer.json();
    let message = told["message"].as_str().unwrap_or_default();
    answer.status == 403
        && told["error_code"] == "PERMISSION_DENIED"
        && message.contains("Members of these groups may: ")
}
