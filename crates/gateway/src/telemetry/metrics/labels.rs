//! The labels of the metrics. Each has a bounded number of values.

use prometheus_client::encoding::EncodeLabelSet;
use shell_core::{
    credentials::Reason,
    intercept::{self, RouteTarget},
    policy::Operation,
};

use crate::telemetry::shed_reason::ShedReason;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OperationLabels {
    /// The policy's area, or the kind of a request that is not for MLflow's API.
    pub(crate) area: &'static str,
    /// The access to it.
    pub(crate) access: &'static str,
}

/// The outcome of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutcomeLabels {
    pub(crate) verdict: Verdict,
    pub(crate) status: &'static str,
}

/// What was decided on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: no decision was needed, or none was reached.
    None,
    /// The policy permits it.
    Allow,
    /// The policy does not permit it, or the request is invalid.
    Deny,
    /// No valid token.
    Unauthenticated,
    /// It was shed because of load.
    Shed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    area: &'static str,
    access: &'static str,
    verdict: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ResultLabel {
    pub(super) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ServerLabel {
    server: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct IssuerLabel {
    issuer: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct BuildLabel {
    pub(super) version: &'static str,
}

impl OperationLabels {
    /// Of a request that has not been inspected.
    pub(crate) fn of_path(path: &str) -> Self {
        let area = match intercept::route_target(path) {
            RouteTarget::StaticFile(..) => "static-files",
            RouteTarget::Upstream(..) | RouteTarget::Program(..) => "unread",
            RouteTarget::Tokens => "tokens",
            RouteTarget::Nowhere => "nowhere",
            RouteTarget::Shell if matches!(path, "/healthz" | "/readyz") => "health",
            RouteTarget::Shell => "site",
        };
        Self {
            area,
            access: "none",
        }
    }

    pub(crate) fn of(operation: &Operation) -> Self {
        let area = match operation {
            Operation::Endpoint(endpoint) => endpoint.area.as_str(),
            Operation::GraphQl(_) => "graphql",
            Operation::Unknown => "unknown",
        };
        Self {
            area,
            access: operation.access().as_str(),
        }
    }
}

impl Verdict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Unauthenticated => "unauthenticated",
            Self::Shed => "overloaded",
        }
    }
}

/// `2xx` for 200 to 299, and so on.
pub(crate) fn status_class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

impl RequestLabels {
    pub(super) fn new(asked: OperationLabels, told: OutcomeLabels) -> Self {
        Self {
            area: asked.area,
            access: asked.access,
            verdict: told.verdict.as_str(),
            status: told.status,
        }
    }
}

impl ServerLabel {
    pub(super) fn new(name: Option<&str>) -> Self {
        Self {
            server: name.unwrap_or_default().to_owned(),
        }
    }
}

impl IssuerLabel {
    pub(super) fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
        }
    }
}

impl From<Reason> for ReasonLabel {
    fn from(reason: Reason) -> Self {
        Self {
            reason: reason.as_str(),
        }
    }
}

impl From<ShedReason> for ReasonLabel {
    fn from(reason: ShedReason) -> Self {
        Self {
            reason: reason.as_str(),
        }
    }
}
