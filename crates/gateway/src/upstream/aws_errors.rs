//! What AWS's errors mean.
//!
//! 1. MLflow's own errors, which have an `error_code`, stay as they are.
//! 2. What is wrong with the gateway's credentials, signature or clock is the
//!    gateway's failure: 502, never a 401, after which a browser would renew the
//!    user's session for nothing.
//! 3. What the gateway's role may not do stays a 403: repeating it changes
//!    nothing, and MLflow's client repeats a 502.
//! 4. AWS's messages are neither forwarded nor logged: some contain the
//!    request with its security token.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use shell_core::refusal::Problem;

use super::arn::MlflowKind;

/// The longest answer that may be an error of AWS's, in bytes.
pub(super) const MAX_ERROR_BYTES: usize = 8 * 1024;

/// Says which error it is, in most of AWS's services.
pub(super) const ERROR_TYPE: &str = "x-amzn-errortype";

/// An error that is not MLflow's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AwsError {
    status: StatusCode,
    /// AWS's name for it, or nothing.
    name: String,
    message: String,
}

/// What it means for the request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The clocks differ.
    Skewed,
    /// The credentials have ended.
    Ended,
    /// This cause of a refusal.
    Refused(Problem),
    /// Nothing that is particular to AWS.
    Other,
}

impl AwsError {
    /// Reads an error answer; nothing if it is MLflow's own.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        if json.get("error_code").is_some() {
            return None;
        }
        let header = headers.get(ERROR_TYPE).and_then(|name| name.to_str().ok());
        let text = |keys: &[&str]| {
            let found = keys.iter().find_map(|key| json.get(*key)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        let typed = text(&["__type", "code", "Code"]);
        let is_aws = header.is_some() || json.get("message").or(json.get("Message")).is_some();
        (is_aws || !typed.is_empty() || status == StatusCode::UNAUTHORIZED).then(|| Self {
            status,
            name: plain_name(header.unwrap_or(&typed)).to_owned(),
            message: text(&["message", "Message"]),
        })
    }

    /// AWS's name for it, for the log.
    pub(super) fn name(&self) -> &str {
        if self.name.is_empty() {
            "unnamed"
        } else {
            &self.name
        }
    }

    /// What it means, of a server of this kind.
    pub(super) fn meaning(&self, kind: MlflowKind) -> Meaning {
        let is = |names: &[&str], words: &[&str]| {
            names
                .iter()
                .any(|name| self.name == *name || self.name == format!("{name}Exception"))
                || words.iter().any(|words| self.message.contains(words))
        };
        if is(&["RequestTimeTooSkewed", "RequestExpired"], SKEWED) {
            Meaning::Skewed
        } else if is(
            &["ExpiredToken"],
            &["security token included in the request is expired"],
        ) {
            Meaning::Ended
        } else if is(
            &[
                "UnrecognizedClient",
                "InvalidClientTokenId",
                "InvalidAccessKeyId",
            ],
            &["security token included in the request is invalid"],
        ) {
            Meaning::Refused(Problem::aws_credentials_unknown())
        } else if is(
            UNSIGNED,
            &[
                "Missing Authentication Token",
                "Credential should be scoped",
            ],
        ) {
            Meaning::Refused(Problem::aws_signature_refused())
        } else if is(
            &["AccessDenied", "Forbidden"],
            &["not authorized to perform"],
        ) {
            Meaning::Refused(self.denied(kind))
        } else if is(&["ResourceNotFound", "ResourceNotFoundFault"], &[]) {
            Meaning::Refused(Problem::aws_server_missing(kind.name()))
        } else if self.status.is_client_error() && is_about_state(&self.message) {
            Meaning::Refused(Problem::aws_server_stopped(kind.name()))
        } else if self.status == StatusCode::UNAUTHORIZED {
            Meaning::Refused(Problem::aws_signature_refused())
        } else {
            Meaning::Other
        }
    }

    /// Names the action that the gateway's role lacks, if AWS does.
    fn denied(&self, kind: MlflowKind) -> Problem {
        let action = self.message.split_once("not authorized to perform: ");
        let action = action.and_then(|(_, rest)| rest.split_whitespace().next());
        let action = action.filter(|action| action.bytes().all(is_of_action));
        let needed = match kind {
            MlflowKind::App => "sagemaker:CallMlflowAppApi and sagemaker-mlflow:*",
            MlflowKind::TrackingServer => "sagemaker-mlflow:*",
        };
        Problem::aws_action_denied(action, needed)
    }
}

/// Of `com.amazon.coral.service#AccessDeniedException:http://…` the name.
fn plain_name(text: &str) -> &str {
    let name = text.rsplit_once('#').map_or(text, |(_, name)| name);
    name.split(':').next().unwrap_or_default()
}

fn is_of_action(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b":-*".contains(&byte)
}

/// No documentation lists the messages for a server that is stopped, or just starting.
fn is_about_state(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    let states = [
        "stopped",
        "stopping",
        "not running",
        "is not in service",
        "starting",
    ];
    message.contains("server") && states.iter().any(|state| message.contains(state))
}

const SKEWED: &[&str] = &["Signature expired", "Signature not yet current"];

const UNSIGNED: &[&str] = &[
    "InvalidSignature",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
];

#[cfg(test)]
mod tests;
