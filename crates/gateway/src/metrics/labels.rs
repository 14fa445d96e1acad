//! What is told apart. Every value is one of a few.

use prometheus_client::encoding::EncodeLabelSet;
use shell_core::{
    intercept::{self, RouteTarget},
    policy::Operation,
};

use crate::concurrency::Overloaded;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Asked {
    /// The policy's area; or, of what is not MLflow's API, what it is.
    pub(crate) area: &'static str,
    /// What it does there.
    pub(crate) access: &'static str,
}

/// What became of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) verdict: Verdict,
    pub(crate) status: &'static str,
}

/// Whether it might go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There was nothing to judge, or it did not come to that.
    None,
    /// The policy permits it.
    Allow,
    /// The policy does not, or the request is none.
    Deny,
    /// No good token.
    Unauthenticated,
    /// Too much was going on.
    Overloaded,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Request {
    area: &'static str,
    access: &'static str,
    verdict: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Outcome {
    pub(super) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Server {
    server: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Issuer {
    issuer: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Build {
    pub(super) version: &'static str,
}

impl Asked {
    /// Before the request is looked at.
    pub(crate) fn at_first_sight(path: &str) -> Self {
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
            Self::Overloaded => "overloaded",
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

impl Request {
    pub(super) fn new(asked: Asked, told: Told) -> Self {
        Self {
            area: asked.area,
            access: asked.access,
            verdict: told.verdict.as_str(),
            status: told.status,
        }
    }
}

impl Server {
    pub(super) fn new(name: Option<&str>) -> Self {
        Self {
            server: name.unwrap_or_default().to_owned(),
        }
    }
}

impl Issuer {
    pub(super) fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
        }
    }
}

impl From<Overloaded> for Reason {
    fn from(why: Overloaded) -> Self {
        let reason = match why {
            Overloaded::Full => "full",
            Overloaded::Waited => "waited",
            Overloaded::Strangers => "strangers",
            Overloaded::Rate => "rate",
        };
        Self { reason }
    }
}
