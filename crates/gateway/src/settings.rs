//! The settings of a gateway: values only, and where each of them comes from.
//!
//! Each part of the gateway has a section of [`Settings`], a type of its own with
//! a default for each key. Nothing here opens a file (but for the settings' own),
//! a connection or a log; [`Components`](crate::Components) has what does.

mod address;
mod audit;
mod client;
mod environment;
mod gateway;
mod inline;
pub(crate) mod issuer_url;
mod issuers;
mod limits;
mod location;
mod log;
mod metrics;
mod sagemaker;
mod show;
mod sources;
mod time;
mod timeouts;
mod tls;
mod tokens;
mod tracing;
mod trust;

pub(crate) use self::issuers::{GROUPS_CURE, is_user_pool};
pub use self::{
    address::{NoAddress, listen_address},
    audit::AuditSettings,
    client::{ClientAuthentication, ClientSecret},
    gateway::Settings,
    inline::Inline,
    issuers::{BearerKind, IssuerError, IssuerSettings, KeySource, TrustedIssuer},
    limits::Limits,
    location::Location,
    log::{LogFormat, LogSettings},
    metrics::MetricsSettings,
    sagemaker::SageMaker,
    show::show,
    sources::{ResolvedSettings, SettingError, SettingSource, SettingsSources},
    time::Time,
    timeouts::Timeouts,
    tls::TlsSettings,
    tokens::TokenSettings,
    tracing::TracingSettings,
    trust::TrustSettings,
};
