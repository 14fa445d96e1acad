//! A gateway with the development provider in front of a real MLflow, and those who ask.

use std::process::Command;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_gateway::settings::Settings;
use shell_idp::{
    DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD, DEVELOPMENT_SECRET, DEVELOPMENT_WRITER,
};
use shell_tests::{
    client,
    deployment::{Deployment, DeploymentSpec, Login},
    environment::{self, Tracking},
    proxy::{self, Host},
};

/// Who asks through the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Admin,
    Reader,
    /// A program of its own, which may write.
    Machine,
}

impl Caller {
    pub(crate) const ALL: [Self; 3] = [Self::Admin, Self::Reader, Self::Machine];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reader => "reader",
            Self::Machine => "machine",
        }
    }
}

/// A gateway that serves programs.
pub(crate) struct ClientsDeployment {
    pub(crate) tracking: Tracking,
    pub(crate) inner: Deployment,
}

impl ClientsDeployment {
    pub(crate) async fn start() -> Self {
        let tracking = environment::tracking_servers().pop();
        let tracking = tracking.expect("an MLflow was started");
        let spec = DeploymentSpec::from(Login::Development)
            .with_config("python", json!({ "access": "token" }))
            .with_settings(settings());
        let mlflow = proxy::to(&tracking.url, Host::Replaced);
        let inner = Deployment::start(spec, mlflow).await;
        Self {
            tracking,
            inner: inner.expect("everything starts"),
        }
    }

    /// What `caller` sends as a token.
    pub(crate) async fn token(&self, caller: Caller) -> String {
        match caller {
            Caller::Admin => self.api_token("mlflow-admin@example.com").await,
            Caller::Reader => self.api_token("mlflow-reader@example.com").await,
            Caller::Machine => self.machine_token().await,
        }
    }

    /// A token for programs, as the page gives one to a user who has signed in.
    async fn api_token(&self, user: &str) -> String {
        let signed_in = self.sign_in(user).await;
        let request = Request::post(format!("{}/mlflow/@shell/tokens", self.inner.origin))
            .header("authorization", format!("Bearer {signed_in}"))
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "same-origin")
            .header("sec-fetch-dest", "empty")
            .body(Body::empty());
        let answer = client::send(request.expect("a request")).await;
        text(&answer.expect("an answer").json(), "token")
    }

    /// The ID token of a user of the development provider.
    async fn sign_in(&self, user: &str) -> String {
        let provider = self.inner.login.origin();
        let callback = format!("{}/callback", self.inner.origin);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", DEVELOPMENT_CLIENT_ID)
            .append_pair("redirect_uri", &callback)
            .append_pair("scope", "openid email profile")
            .finish();
        let form = [("username", user), ("password", DEVELOPMENT_PASSWORD)];
        let answer = client::post_form(&format!("{provider}/login?{query}"), &form).await;
        let answer = answer.expect("an answer");
        let location = answer.header("location").split_once("code=");
        let (_, code) = location.expect("a code");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("redirect_uri", &callback),
            ("code", code),
        ];
        let grant = client::post_form(&format!("{provider}/oauth2/token"), &form).await;
        text(&grant.expect("an answer").json(), "id_token")
    }

    /// The access token of client credentials (RFC 6749 §4.4).
    async fn machine_token(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", DEVELOPMENT_WRITER),
            ("client_secret", DEVELOPMENT_SECRET),
            ("scope", "mlflow/read mlflow/write"),
        ];
        let url = format!("{}/oauth2/token", self.inner.login.origin());
        let grant = client::post_form(&url, &form).await;
        text(&grant.expect("an answer").json(), "access_token")
    }

    /// Python with all clients, for MLflow at `at`.
    pub(crate) fn python(&self, program: &str, at: &str, token: Option<&str>) -> Command {
        let mut command = Command::new(environment::clients());
        environment::isolate(&mut command);
        let programs = environment::workspace().join("tests/clients/programs");
        command
            // No compiled files beside the sources.
            .arg("-B")
            .arg(programs.join(format!("{program}.py")))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("MLFLOW_TRACKING_URI", at)
            .env("SHELL_TEST_OWNER", &self.tracking.url)
            .env("SHELL_TEST_NODE_MODULES", environment::clients_packages())
            .env_remove("MLFLOW_TRACKING_TOKEN");
        if let Some(token) = token {
            command.env("MLFLOW_TRACKING_TOKEN", token);
        }
        command
    }
}

/// Admits the development provider's machines by their scopes.
fn settings() -> Settings {
    let settings = json!({ "issuers": [{
        "issuer": "{issuer}", "bearer": "access", "client_ids": [DEVELOPMENT_WRITER],
        "groups": [
            { "claim": "scope", "value": "mlflow/read", "group": "readers" },
            { "claim": "scope", "value": "mlflow/write", "group": "admins" },
        ],
    }] });
    serde_json::from_value(settings).expect("settings")
}

fn text(answer: &Value, key: &str) -> String {
    let text = answer[key].as_str();
    text.unwrap_or_else(|| panic!("no `{key}` in {answer}"))
        .to_owned()
}
