//! An emulator of Amazon Cognito's API: a process of its own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::{
    child::Program,
    client::{self, Answer},
    environment,
};

/// Serves until it is ended.
const SERVE: &str = "
import signal
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)
server.start()
print('ready', server.get_host_and_port()[1], flush=True)
signal.pause()
";

/// What a signature tells the emulator, which does not check it.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=testing/20260101/eu-central-1/\
                         cognito-idp/aws4_request, SignedHeaders=host, Signature=0";

/// A running emulator, empty at first and gone when dropped.
#[derive(Debug)]
pub struct Cognito {
    /// Where it listens.
    pub url: String,
    /// A Python with the AWS client.
    pub python: PathBuf,
    _program: Program,
}

impl Cognito {
    /// The only region in it.
    pub const REGION: &str = "eu-central-1";

    /// Starts the emulator; `None` if it is not installed.
    pub fn start() -> Result<Option<Self>> {
        let Some(python) = environment::moto() else {
            return Ok(None);
        };
        let (program, port) = launch(&python)?;
        Ok(Some(Self {
            url: format!("http://127.0.0.1:{port}"),
            python,
            _program: program,
        }))
    }

    /// Performs an operation of the API, and returns what it answers.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn ask(&self, operation: &str, parameters: Value) -> Value {
        let answer = self.send(operation, &parameters).await;
        let answer = answer.expect("the emulator answers");
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
        answer.json()
    }

    /// Makes a user pool, and returns its id.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn create_pool(&self, name: &str, settings: Value) -> String {
        let mut parameters = settings;
        parameters["PoolName"] = json!(name);
        let created = self.ask("CreateUserPool", parameters).await;
        let id = created["UserPool"]["Id"].as_str();
        id.expect("a pool has an id").to_owned()
    }

    /// Signs a user in, and returns what Cognito says to that.
    pub async fn sign_in(&self, pool: &str, name: &str, password: &str) -> Result<Answer> {
        let client = json!({
            "UserPoolId": pool,
            "ClientName": "test",
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        });
        let client = self.ask("CreateUserPoolClient", client).await;
        let attempt = json!({
            "UserPoolId": pool,
            "ClientId": client["UserPoolClient"]["ClientId"],
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": name, "PASSWORD": password },
        });
        self.send("AdminInitiateAuth", &attempt).await
    }

    async fn send(&self, operation: &str, parameters: &Value) -> Result<Answer> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let request = Request::post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .header("authorization", SIGNATURE)
            .body(Body::from(parameters.to_string()))?;
        client::send(request).await
    }
}

fn launch(python: &Path) -> Result<(Program, u16)> {
    let mut command = Command::new(python);
    // It notes every request there.
    command.args(["-c", SERVE]).stderr(Stdio::null());
    Program::start(&mut command, |line| {
        line.strip_prefix("ready ")?.parse().ok()
    })
}
