//! A gateway in front of anything, for people who sign in with the
//! development provider.

use std::path::Path;

use anyhow::Result;
use axum::Router;
use serde_json::json;
use shell_core::{Config, Origin};
use shell_gateway::{
    Audit, Components, Draining, LivePolicy, Metrics, Network, TokenKeys, Tracer, Upstreams,
    settings::{Settings, TrustedIssuer},
};
use shell_idp::POOL;

/// Reads an origin.
pub(crate) fn origin(text: &str) -> Result<Origin> {
    Origin::parse(text).map_err(|error| anyhow::anyhow!("`{text}` {error}"))
}

/// Returns the gateway of the shell at `origin`, built into `site`, that checks
/// `bearer` tokens of this provider, which it reaches at `provider`.
pub(crate) fn router(
    origin: &str,
    settings: &shell_idp::Settings,
    provider: &str,
    bearer: &str,
    upstream: &str,
    site: &Path,
) -> Result<Router> {
    let config = json!({
        "origin": origin,
        "provider": {
            "domain": settings.base.to_string(),
            "issuer": settings.issuer(),
            "client_id": settings.client_id,
        },
        "bearer": bearer,
    });
    let config = Config::parse(&config.to_string())?;
    Ok(shell_gateway::router(Components {
        issuers: TrustedIssuer::all(
            &config,
            Some(&format!("{provider}/{POOL}/.well-known/jwks.json").parse()?),
            &[],
        )?,
        upstreams: Upstreams::new(&config, Some(upstream))?,
        policy: LivePolicy::default(),
        // The audit log writes changes down, and the measured requests are reads.
        audit: Audit::off(),
        config,
        site: site.to_owned().into(),
        settings: Settings::default(),
        network: Network::default(),
        draining: Draining::default(),
        token_keys: TokenKeys::draw().expect("a key"),
        metrics: Metrics::default(),
        tracer: Tracer::default(),
    }))
}
