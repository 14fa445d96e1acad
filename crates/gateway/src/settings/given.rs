//! What the operator of a gateway may say, all of it optional.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{
    AuditLog, ClientSecret, GivenIssuer, Limits, Log, MetricsAt, Timeouts, Tls, TokensBy, Tracing,
};
use crate::Location;

/// The settings of a gateway, as a file, the environment and the command line
/// give them. A section is a type of its own: it refuses keys that it does not
/// know, and has a default for each that it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The file with the shell's configuration, which browsers get.
    pub config: Option<PathBuf>,
    /// The folder with the built site, if not the one in this program.
    pub site: Option<PathBuf>,
    /// The file that says who may do what, if not the built-in policy.
    pub policy: Option<PathBuf>,
    /// Where the issuer publishes its keys, if not below the issuer.
    pub jwks: Option<String>,
    /// The MLflow server, if `config.json` names none.
    pub upstream: Option<Location>,
    /// The MLflow servers that `config.json` names, in place of their `base`.
    pub upstreams: BTreeMap<String, Location>,
    /// The certificate.
    pub tls: Tls,
    /// How long anything may take.
    pub timeouts: Timeouts,
    /// How much of anything there may be.
    pub limits: Limits,
    /// The audit log.
    pub audit: AuditLog,
    /// The app client's secret.
    pub client: ClientSecret,
    /// Whose tokens are accepted besides those of the sign-in.
    pub issuers: Vec<GivenIssuer>,
    /// The log of errors, and of requests.
    pub log: Log,
    /// Where the metrics are.
    pub metrics: MetricsAt,
    /// Where traces are sent.
    pub tracing: Tracing,
    /// Tokens for programs.
    pub tokens: TokensBy,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            config: None,
            site: None,
            policy: None,
            jwks: None,
            upstream: None,
            upstreams: BTreeMap::new(),
            tls: Tls::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            audit: AuditLog::default(),
            client: ClientSecret::default(),
            issuers: Vec::new(),
            log: Log::default(),
            metrics: MetricsAt::default(),
            tracing: Tracing::default(),
            tokens: TokensBy::default(),
        }
    }
}
