//! What a gateway is assembled from.

use shell_core::Config;

use crate::{
    audit::Audit,
    auth::{api_tokens::TokenKeys, live_policy::LivePolicy},
    draining::Draining,
    http_client::network::Network,
    settings::{Settings, TrustedIssuer},
    site::files::Site,
    telemetry::{metrics::Metrics, trace::Tracer},
    upstream::Upstreams,
};

/// What a gateway is assembled from: the site's configuration, the operator's
/// settings, and what was opened or loaded by them.
#[derive(Debug, Clone)]
pub struct Components {
    /// The shell's configuration, served as `/config.json`.
    pub config: Config,
    /// The issuers whose tokens are accepted.
    pub issuers: Vec<TrustedIssuer>,
    /// The MLflow servers, as the configuration names them.
    pub upstreams: Upstreams,
    /// Who may do what.
    pub policy: LivePolicy,
    /// Where decisions are written.
    pub audit: Audit,
    /// The built site.
    pub site: Site,
    /// The operator's settings.
    pub settings: Settings,
    /// How servers elsewhere are reached.
    pub network: Network,
    /// Whether the gateway is shutting down.
    pub draining: Draining,
    /// What API tokens are sealed with.
    pub token_keys: TokenKeys,
    /// The metrics.
    pub metrics: Metrics,
    /// The traces.
    pub tracer: Tracer,
}
