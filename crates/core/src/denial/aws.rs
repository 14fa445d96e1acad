//! What AWS's errors about a managed MLflow mean for the gateway that signs its
//! requests.
//!
//! 1. MLflow's own errors, which have an `error_code`, stay as they are.
//! 2. What is wrong with the gateway's credentials, signature or clock is the
//!    gateway's failure: 502, never a 401, after which a browser would renew the
//!    user's session for nothing.
//! 3. What the gateway's role may not do stays a 403: repeating it changes
//!    nothing, and MLflow's client repeats a 502.
//! 4. AWS's messages are neither forwarded nor logged: some contain the
//!    request with its security token.

use std::fmt;

use serde_json::Value;

use super::Answered;
use crate::refusal::Problem;

/// The longest answer that may be an error of AWS's, in bytes.
pub const MAX_ERROR_BYTES: usize = 8 * 1024;

/// The header that names the error, in most of AWS's services.
pub const ERROR_TYPE: &str = "x-amzn-errortype";

/// A managed MLflow, as far as errors about it differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedMlflow {
    /// What people call its kind.
    pub name: &'static str,
    /// The actions that the gateway's role needs.
    pub actions: &'static str,
}

/// A tracking server of SageMaker.
pub const TRACKING_SERVER: ManagedMlflow = ManagedMlflow {
    name: "tracking server",
    actions: "sagemaker-mlflow:*",
};

/// An MLflow App of SageMaker.
pub const MLFLOW_APP: ManagedMlflow = ManagedMlflow {
    name: "MLflow App",
    actions: "sagemaker:CallMlflowAppApi and sagemaker-mlflow:*",
};

/// An error that is not MLflow's.
#[derive(PartialEq, Eq)]
pub struct AwsError {
    status: u16,
    /// The header [`ERROR_TYPE`].
    kind: Option<String>,
    /// AWS's name for it, or nothing.
    name: String,
    message: String,
    body: String,
}

/// Without message and body, which may repeat a credential (rule 4).
impl fmt::Debug for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, name, .. } = self;
        write!(f, "AwsError({status} {name})")
    }
}

/// What an error means for the request.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The clocks differ.
    Skewed,
    /// The credentials have expired.
    Expired,
    /// The request is refused because of this.
    Refused(Problem),
    /// Nothing that is particular to AWS.
    Other,
}

impl AwsError {
    /// Reads an error response with this [`ERROR_TYPE`]; `None` if it is MLflow's own.
    pub fn read(status: u16, kind: Option<&str>, body: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        if json.get("error_code").is_some() {
            return None;
        }
        let text = |keys: &[&str]| {
            let found = keys.iter().find_map(|key| json.get(*key)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        let typed = text(&["__type", "code", "Code"]);
        let is_aws = kind.is_some() || json.get("message").or(json.get("Message")).is_some();
        (is_aws || !typed.is_empty() || status == 401).then(|| Self {
            status,
            kind: kind.map(ToOwned::to_owned),
            name: plain_name(kind.unwrap_or(&typed)).to_owned(),
            message: text(&["message", "Message"]),
            body: String::from_utf8_lossy(body).into_owned(),
        })
    }

    /// AWS's name for it, for the log; `unnamed` if it has none.
    pub fn name(&self) -> &str {
        if self.name.is_empty() {
            "unnamed"
        } else {
            &self.name
        }
    }

    /// What it means, if `server` is asked.
    pub fn meaning(&self, server: ManagedMlflow) -> Meaning {
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
            Meaning::Expired
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
            Meaning::Refused(self.denied(server))
        } else if is(&["ResourceNotFound", "ResourceNotFoundFault"], &[]) {
            Meaning::Refused(Problem::aws_server_missing(server.name))
        } else if (400..500).contains(&self.status) && is_about_state(&self.message) {
            Meaning::Refused(Problem::aws_server_stopped(server.name))
        } else if self.status == 401 {
            Meaning::Refused(Problem::aws_signature_refused())
        } else {
            Meaning::Other
        }
    }

    /// The error JSON in place of one that every service of AWS has, such as
    /// throttling, in the words for API Gateway's; `None` if the body stays.
    pub fn document(&self) -> Option<String> {
        let answered = Answered {
            url: "",
            status: self.status,
            kind: self.kind.as_deref(),
            length: u64::try_from(self.body.len()).ok(),
        };
        let is_read = answered.is_read();
        is_read.then(|| answered.read(&self.body).document)?
    }

    /// Names the action that the gateway's role lacks, if AWS does.
    fn denied(&self, server: ManagedMlflow) -> Problem {
        let action = self.message.split_once("not authorized to perform: ");
        let action = action.and_then(|(_, rest)| rest.split_whitespace().next());
        let action = action.filter(|action| action.bytes().all(is_of_action));
        Problem::aws_action_denied(action, server.actions)
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
