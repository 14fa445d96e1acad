//! An emulator of Amazon Cognito's API: a process of its own, for all tests of a
//! program, each of which has a region to itself.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::{
    client::{self, Answer},
    environment,
};

/// Serves until the test program ends, which closes its input.
const SERVE: &str = "
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
";

/// The regions in which there is a Cognito.
const REGIONS: [&str; 20] = [
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "me-south-1",
    "af-south-1",
];

/// A region of the emulator, empty at first.
#[derive(Debug)]
pub struct Cognito {
    /// Where the emulator listens.
    pub url: String,
    /// A Python with the AWS client.
    pub python: PathBuf,
    /// The region.
    pub region: &'static str,
}

/// The emulator, and where it listens.
static EMULATOR: OnceLock<(Child, String)> = OnceLock::new();

static NEXT: AtomicUsize = AtomicUsize::new(0);

impl Cognito {
    /// The next region; `None` if the emulator is not installed.
    ///
    /// # Panics
    /// If it does not start, or all regions are taken.
    pub fn start() -> Option<Self> {
        let python = environment::moto()?;
        let emulator = || launch(&python).expect("the emulator starts");
        let (_, url) = EMULATOR.get_or_init(emulator);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let region = REGIONS.get(next).expect("a region for each test");
        Some(Self {
            url: url.clone(),
            python,
            region,
        })
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
        // The emulator does not check it, and reads the region there.
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=testing/20260101/{}/cognito-idp/aws4_request, \
             SignedHeaders=host, Signature=0",
            self.region
        );
        let request = Request::post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .header("authorization", signature)
            .body(Body::from(parameters.to_string()))?;
        client::send(request).await
    }
}

fn launch(python: &Path) -> Result<(Child, String)> {
    let mut command = Command::new(python);
    command.args(["-c", SERVE]).stdin(Stdio::piped());
    // It notes every request there.
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let output = child.stdout.take().context("its output is ours")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let port: u16 = line.trim().parse().context("it did not become ready")?;
    Ok((child, format!("http://127.0.0.1:{port}")))
}
