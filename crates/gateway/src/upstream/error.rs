//! Why an MLflow server cannot be used as the settings say.

use super::SageMakerError;

/// Why an MLflow server cannot be used as the settings say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
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
    #[error(
        "config.json: `upstreams.base` is missing for `{0}`: where is that MLflow server? Say it \
         there, or in the gateway's settings, such as \
         MLFLOW_SHELL_UPSTREAMS={{{0}=\"http://127.0.0.1:5000\"}}"
    )]
    NoBase(String),
    /// The address of a server that is not there.
    #[error(
        "`upstreams.{0}` is the address of no server: config.json names none that is called so"
    )]
    NoServer(String),
    /// A server whose address is none: its name, and why.
    #[error("config.json: `upstreams.base` of `{0}`: {1}")]
    Base(String, Box<UpstreamError>),
}
