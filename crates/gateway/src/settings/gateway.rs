//! All settings of a gateway. Each has a default.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{
    AuditSettings, ClientSecret, Inline, IssuerSettings, Limits, Location, LogSettings,
    MetricsSettings, Timeouts, TlsSettings, TokenSettings, TracingSettings, TrustSettings, address,
};

/// The settings of a gateway, as a file, the environment and the command line
/// give them. A section is a type of its own: it refuses keys that it does not
/// know, and has a default for each that it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen.
    #[serde(deserialize_with = "address::required")]
    pub listen: SocketAddr,
    /// The file with the shell's configuration, which browsers get.
    pub config: Option<PathBuf>,
    /// What that file would have.
    pub config_json: Option<Inline>,
    /// The folder with the built site, if not the one in this program.
    pub site: Option<PathBuf>,
    /// The file with the access policy, if not the built-in one.
    pub policy: Option<PathBuf>,
    /// What that file would have.
    pub policy_json: Option<Inline>,
    /// Where the issuer publishes its keys, if not below the issuer.
    pub jwks: Option<String>,
    /// The MLflow server, if `config.json` names none.
    pub upstream: Option<Location>,
    /// Whether runs that are created are their verified user's, whatever a client
    /// says.
    pub run_owner: bool,
    /// Whether MLflow's answers are compressed.
    pub compression: bool,
    /// The MLflow servers that `config.json` names, in place of their `base`.
    pub upstreams: BTreeMap<String, Location>,
    /// The certificate.
    pub tls: TlsSettings,
    /// The timeouts.
    pub timeouts: Timeouts,
    /// The limits.
    pub limits: Limits,
    /// The audit log.
    pub audit: AuditSettings,
    /// The app client's secret.
    pub client: ClientSecret,
    /// Whose tokens are accepted besides those of the sign-in.
    pub issuers: Vec<IssuerSettings>,
    /// The log of errors, and of requests.
    pub log: LogSettings,
    /// Where the metrics are.
    pub metrics: MetricsSettings,
    /// Where traces are sent.
    pub tracing: TracingSettings,
    /// Tokens for programs.
    pub tokens: TokenSettings,
    /// Further certificate authorities.
    pub trust: TrustSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            config: None,
            config_json: None,
            site: None,
            policy: None,
            policy_json: None,
            jwks: None,
            upstream: None,
            run_owner: false,
            compression: true,
            upstreams: BTreeMap::new(),
            tls: TlsSettings::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            audit: AuditSettings::default(),
            client: ClientSecret::default(),
            issuers: Vec::new(),
            log: LogSettings::default(),
            metrics: MetricsSettings::default(),
            tracing: TracingSettings::default(),
            tokens: TokenSettings::default(),
            trust: TrustSettings::default(),
        }
    }
}
