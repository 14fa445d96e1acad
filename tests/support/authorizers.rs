//! Lambda authorizers to start, ours and another, and events for both.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{environment::Sample, issuer};

/// The issuer of the tokens that both accept.
pub const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";

/// What API Gateway asks about a request of MLflow's UI, without a token.
const EVENT: &str = include_str!("../../crates/authorizer/fixtures/request.json");

/// Our function, with the issuer's keys at `keys`.
pub fn ours(program: &Path, keys: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("ISSUER", ISSUER)
        .env("CLIENT_ID", client())
        .env("JWKS_URL", keys);
    command
}

/// The function that does what the AWS sample's does, with the issuer's keys at
/// `keys`, run by AWS's own interface for Python.
pub fn sample(sample: &Sample, keys: &str) -> Command {
    let mut command = python(sample, "index.handler");
    command
        .env("REGION", "eu-central-1")
        .env("ACCOUNT", "123456789012")
        .env("COGNITO_USER_POOL_ID", "eu-central-1_Example")
        .env("REST_API_ID", "abcdef1234")
        .env("COGNITO_KEYS_URL", keys)
        .env("APP_CLIENT_ID", client());
    command
}

/// The least that a function in Python can do: nothing.
pub fn idle(sample: &Sample) -> Command {
    python(sample, "idle.handler")
}

/// The claims of a good ID token for a member of `groups`.
pub fn claims(groups: &[&str]) -> Value {
    let mut claims = issuer::claims(ISSUER);
    claims["cognito:username"] = json!("reader");
    claims["cognito:groups"] = json!(groups);
    claims
}

/// API Gateway's event for a request with this `Authorization` header.
///
/// # Panics
/// Never: the fixture is an object.
pub fn event(authorization: Option<&str>) -> Value {
    let mut event: Value = serde_json::from_str(EVENT).expect("the fixture is JSON");
    if let Some(value) = authorization {
        event["headers"]["Authorization"] = json!(value);
        event["multiValueHeaders"]["Authorization"] = json!([value]);
    }
    event
}

fn python(sample: &Sample, handler: &str) -> Command {
    let mut command = Command::new(&sample.python);
    command
        .args(["-m", "awslambdaric", handler])
        .current_dir(&sample.folder)
        .env_clear()
        // Nor can a function's own folder be written to in Lambda.
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn client() -> String {
    let claims = issuer::claims(ISSUER);
    claims["aud"].as_str().unwrap_or_default().to_owned()
}
