//! What a gateway is told: by its operator, and what comes of that.
//!
//! A part of the gateway has its settings in a section of [`Given`], a type of
//! its own with a default for each key.

mod audit;
mod client;
mod environment;
mod given;
mod issuers;
mod layers;
mod limits;
mod show;
mod time;
mod timeouts;
mod tls;
mod upstreams;

use axum::http::Uri;
use shell_core::Config;

pub(crate) use self::issuers::is_user_pool;
pub use self::{
    audit::AuditLog,
    client::{ClientAuthentication, ClientSecret},
    given::Given,
    issuers::{GivenBearer, GivenIssuer, IssuerError, KeySource, TrustedIssuer},
    layers::{Layers, SettingError, Source, Told},
    limits::Limits,
    show::show,
    time::Time,
    timeouts::Timeouts,
    tls::Tls,
    upstreams::Upstreams,
};
use crate::{Audit, Draining, LivePolicy, Metrics, SageMakerError, Site, TokenKeys, Tracer};
pub use crate::{log::Log, metrics::MetricsAt, tokens::TokensBy, trace::Tracing};

/// What a gateway needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The shell's configuration, served as `/config.json`.
    pub config: Config,
    /// Whose tokens are accepted.
    pub issuers: Vec<TrustedIssuer>,
    /// The MLflow servers, as the configuration names them.
    pub upstreams: Upstreams,
    /// Who may do what.
    pub policy: LivePolicy,
    /// Where decisions are written down.
    pub audit: Audit,
    /// The built site.
    pub site: Site,
    /// What the operator says of the gateway's work.
    pub given: Given,
    /// Whether the gateway is about to end.
    pub draining: Draining,
    /// What tokens for programs are sealed with.
    pub token_keys: TokenKeys,
    /// What is counted.
    pub metrics: Metrics,
    /// What is traced.
    pub tracer: Tracer,
}

/// Why settings were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an absolute `http` or `https` URL.
    #[error("`{0}` is not an http:// or https:// URL")]
    Url(String),
    /// It has a query.
    #[error("`{0}` must not have a query")]
    Query(String),
    /// A managed MLflow that cannot be used so.
    #[error(transparent)]
    SageMaker(#[from] SageMakerError),
    /// No server at all.
    #[error("there is no MLflow server: give --upstream URL, or `upstreams` in config.json")]
    NoUpstream,
    /// One server without a name, and others with.
    #[error("give either --upstream URL or `upstreams` in config.json, not both")]
    TwoWays,
    /// A server without its address.
    #[error("config.json: `upstreams.base` is missing for `{0}`: where is that MLflow server?")]
    NoBase(String),
    /// The address of a server that is not there.
    #[error(
        "`upstreams.{0}` is the address of no server: config.json names none that is called so"
    )]
    NoServer(String),
    /// A server whose address is none: its name, and why.
    #[error("config.json: `upstreams.base` of `{0}`: {1}")]
    Base(String, Box<SettingsError>),
    /// The site has no UI of MLflow's, or another than the configuration says.
    #[error(
        "config.json: `ui` is {wanted}, but {found}: put that UI into the site with \
         `cargo xtask ui --mlflow {wanted}`, or change `ui`; without it the UI comes \
         from the MLflow server"
    )]
    Ui {
        /// The version that the configuration says.
        wanted: String,
        /// What is there instead.
        found: String,
    },
}

impl Settings {
    /// Where OpenID Connect issuers on Cognito's pattern publish their keys.
    ///
    /// # Panics
    /// Never: a validated configuration has a URL as its issuer or a local one.
    pub fn default_jwks_url(config: &Config) -> Uri {
        let issuer = config.provider.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/jwks.json")
            .parse()
            .unwrap_or_default()
    }
}
