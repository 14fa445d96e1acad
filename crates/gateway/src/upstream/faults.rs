//! What AWS's errors mean.
//!
//! 1. MLflow's own errors, which have an `error_code`, stay as they are.
//! 2. What is wrong with the gateway's credentials, signature or clock is the
//!    gateway's failure: 502, never a 401, after which a browser would renew the
//!    user's session for nothing.
//! 3. What the gateway's role may not do stays a 403: repeating it changes
//!    nothing, and MLflow's client repeats a 502.
//! 4. The words of AWS are neither passed on nor written down: some contain the
//!    request with its security token.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use shell_core::refusal::Problem;

use super::arn::Kind;

/// The longest answer that may be an error of AWS's, in bytes.
pub(super) const LONGEST: usize = 8 * 1024;

/// Says which error it is, in most of AWS's services.
pub(super) const ERROR_TYPE: &str = "x-amzn-errortype";

/// An error that is not MLflow's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
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

impl Fault {
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
    pub(super) fn meaning(&self, kind: Kind) -> Meaning {
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
            Meaning::Refused(Problem::upstream(UNKNOWN.to_owned()))
        } else if is(
            UNSIGNED,
            &[
                "Missing Authentication Token",
                "Credential should be scoped",
            ],
        ) {
            Meaning::Refused(Problem::upstream(WRONG_SIGNATURE.to_owned()))
        } else if is(
            &["AccessDenied", "Forbidden"],
            &["not authorized to perform"],
        ) {
            Meaning::Refused(Problem::denied(self.denied(kind)))
        } else if is(&["ResourceNotFound", "ResourceNotFoundFault"], &[]) {
            Meaning::Refused(Problem::not_here(gone(kind)))
        } else if self.status.is_client_error() && is_about_state(&self.message) {
            Meaning::Refused(Problem::upstream(stopped(kind)))
        } else if self.status == StatusCode::UNAUTHORIZED {
            Meaning::Refused(Problem::upstream(WRONG_SIGNATURE.to_owned()))
        } else {
            Meaning::Other
        }
    }

    /// Names the action that the gateway's role lacks, if AWS does.
    fn denied(&self, kind: Kind) -> String {
        let action = self.message.split_once("not authorized to perform: ");
        let action = action.and_then(|(_, rest)| rest.split_whitespace().next());
        let action = action.filter(|action| action.bytes().all(is_of_action));
        let (named, cure) = match (action, kind) {
            (Some(action), _) => (format!(" ({action})"), action),
            (None, Kind::App) => (
                String::new(),
                "sagemaker:CallMlflowAppApi and sagemaker-mlflow:*",
            ),
            (None, Kind::TrackingServer) => (String::new(), "sagemaker-mlflow:*"),
        };
        format!(
            "AWS does not let this site do this{named}. Your groups allow it, but the role of the \
             gateway does not. Tell the administrator of this site, who can allow {cure} to that \
             role."
        )
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

/// No document lists the words for a server that is stopped, or just starting.
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

const UNKNOWN: &str = "AWS does not know the credentials of this site's gateway. Tell the \
     administrator of this site, who can give it others: they may have been deleted, or belong to \
     another partition of AWS.";

const WRONG_SIGNATURE: &str = "AWS found the signature of this site's gateway wrong. Tell the \
     administrator of this site: the secret key may not belong to the access key, or something \
     between the gateway and AWS changes requests.";

/// The credentials have ended and there are no others.
pub(super) const ENDED: &str = "The AWS credentials of this site's gateway have ended, and new ones \
     have ended, too. Tell the administrator of this site.";

/// The clocks differ, still.
pub(super) const CLOCK: &str = "AWS found the time of this site's gateway wrong. Send the request \
     again; if it stays so, tell the administrator of this site, who can set its clock.";

fn gone(kind: Kind) -> String {
    let name = kind.name();
    format!(
        "AWS has no {name} of the ARN that this site is configured for. Tell the administrator of \
         this site: it may have been deleted, or be in another region or account."
    )
}

fn stopped(kind: Kind) -> String {
    let name = kind.name();
    format!(
        "The {name} behind this site is not running. Tell the administrator of this site, who can \
         start it in SageMaker; that may take half an hour."
    )
}

#[cfg(test)]
mod tests;
