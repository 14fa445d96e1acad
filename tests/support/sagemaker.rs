//! SageMaker's managed MLflow in front of the real one: a process of its own,
//! in which botocore checks every signature.

use std::process::Command;

use anyhow::{Context, Result};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_gateway::{Upstream, settings::Location};

use crate::{child::Program, client, environment};

/// An access key that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// Its name.
    pub id: &'static str,
    /// Its secret.
    pub secret: &'static str,
    /// Its session token, with the characters that STS puts into one.
    pub token: Option<&'static str>,
}

impl Keys {
    /// As a role has them.
    pub const TEMPORARY: Self = Self {
        id: "ASIATESTTESTTESTTEST",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        token: Some("IQoJb3JpZ2luX2VjEHoaCXVzLXdlc3QtMiJ+/+==//EXAMPLE"),
    };

    /// As a user has them.
    pub const PERMANENT: Self = Self {
        id: "AKIATESTTESTTESTTEST",
        secret: "bPxRfiCYEXAMPLEKEY/wJalrXUtnFEMI+K7MDENG",
        token: None,
    };
}

/// Which of the two there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A tracking server.
    TrackingServer,
    /// An MLflow App.
    App,
}

impl Kind {
    /// Returns the ARN of the one that is played.
    pub fn arn(self) -> &'static str {
        match self {
            Self::TrackingServer => {
                "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team-a"
            }
            Self::App => "arn:aws:sagemaker:us-east-2:123456789012:mlflow-app/app-ABC123",
        }
    }
}

/// A running one, gone when dropped.
#[derive(Debug)]
pub struct SageMaker {
    /// Where it listens.
    pub url: String,
    /// Where STS is, if it is beside it.
    pub sts: Option<String>,
    kind: Kind,
    keys: Keys,
    _program: Program,
}

impl SageMaker {
    /// Starts one of this kind in front of the MLflow at `upstream`, which knows
    /// these keys; `None` if botocore is not installed.
    pub fn start(kind: Kind, keys: Keys, upstream: &str) -> Result<Option<Self>> {
        Self::launch(kind, keys, upstream, false)
    }

    /// The same beside moto's STS: it knows the keys of every role that was
    /// assumed there.
    pub fn with_sts(kind: Kind, upstream: &str) -> Result<Option<Self>> {
        Self::launch(kind, Keys::TEMPORARY, upstream, true)
    }

    fn launch(kind: Kind, keys: Keys, upstream: &str, with_sts: bool) -> Result<Option<Self>> {
        let Some(python) = environment::moto() else {
            return Ok(None);
        };
        let folder = environment::workspace().join("tests/peers/sagemaker");
        let known = json!({ keys.id: { "secret": keys.secret, "token": keys.token } });
        let mut command = Command::new(python);
        command
            .arg("server.py")
            .env("UPSTREAM", upstream)
            .env("ARN", kind.arn())
            .env("KEYS", known.to_string())
            .current_dir(folder);
        if with_sts {
            command.env("STS", "beside");
        }
        let ready = |line: &str| line.strip_prefix("ready ").map(str::to_owned);
        let (program, ports) = Program::start(&mut command, ready)?;
        let mut urls = ports
            .split(' ')
            .map(|port| format!("http://127.0.0.1:{port}"));
        Ok(Some(Self {
            url: urls.next().context("a port")?,
            sts: urls.next(),
            kind,
            keys,
            _program: program,
        }))
    }

    /// Returns where a gateway finds it, as its settings would say.
    pub fn location(&self) -> Location {
        let mut managed = shell_gateway::settings::SageMaker::new(self.kind.arn());
        managed.endpoint = Some(self.url.clone());
        managed.into()
    }

    /// Returns the same, signed with the keys that it knows.
    pub fn upstream(&self) -> Result<Upstream> {
        let Keys { id, secret, token } = self.keys;
        Ok(Upstream::at(&self.location())?.with_keys(id, secret, token))
    }

    /// Tells it something; `server.py` says what it listens to.
    pub async fn tell(&self, told: Value) -> Result<()> {
        let request = Request::post(format!("{}/@told", self.url));
        client::send(request.body(Body::from(told.to_string()))?).await?;
        Ok(())
    }

    /// Returns what it saw since it was started, request by request.
    pub async fn seen(&self) -> Result<Vec<Value>> {
        let seen = client::get(&format!("{}/@seen", self.url), &[]).await?;
        let seen = seen.json();
        Ok(seen.as_array().cloned().unwrap_or_default())
    }
}
