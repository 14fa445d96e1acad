//! `mlflow-shell serve`

#[cfg(feature = "dev-idp")]
mod development;
mod reload;
mod shutdown;

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use clap::Args;
use shell_gateway::{
    Certificate, Components, Draining, Metrics, PendingConfig, Tracer, check_ui,
    raise_connection_limit, router_when_configured, settings::Settings, start_log,
};
use tokio::net::TcpListener;

use crate::{
    assemble::{self, Running},
    config,
    flags::Flags,
};

/// Serve the shell, and forward permitted requests to MLflow
#[derive(Debug, Args)]
pub(crate) struct ServeCommand {
    #[command(flatten)]
    flags: Flags,
    /// Development only: the URL at which people open the shell
    #[arg(long, value_name = "URL", requires = "dev_idp")]
    origin: Option<String>,
    /// Development only: run the development identity provider on this loopback
    /// address, in place of the configuration's
    #[arg(long, value_name = "ADDRESS", conflicts_with = "jwks")]
    dev_idp: Option<SocketAddr>,
}

pub(crate) async fn run(serve: ServeCommand) -> Result<()> {
    let mut settings = serve.flags.read()?.settings;
    let log = start_log(&settings.log);
    config::before_start(&settings, serve.dev_idp.is_none())?;
    let network = assemble::network(&settings)?;
    let site = assemble::site(&settings)?;
    let policy = assemble::policy(&settings)?;
    let (pending, provider) = configure(&serve, &mut settings).await?;
    let config = pending.config().clone();
    check_ui(&config, &site)?;
    let metrics = Metrics::default();
    metrics.log_errors(log.dropped());
    let token_keys = assemble::token_keys(&settings.tokens, &config)?;
    let components = Components {
        policy,
        audit: assemble::audit(&settings.audit)?.counting(metrics.audit_errors()),
        issuers: assemble::issuers(&settings, &config)?,
        upstreams: assemble::upstreams(&settings, &config)?,
        site,
        config,
        settings: settings.clone(),
        draining: Draining::default(),
        token_keys,
        metrics,
        tracer: Tracer::new(&settings.tracing, &network)?,
        network,
    };
    components.upstreams.ready().await?;
    let certificate = Certificate::load(&settings.tls)?;
    reload::on_hangup(components.policy.clone(), &settings, certificate.clone())?;
    let listener = open(settings.listen)?;
    let measured = assemble::metrics(&settings.metrics, &components.metrics).await?;
    let draining = components.draining.clone();
    shutdown::on_signal(draining.clone(), settings.timeouts.shutdown_delay.0)?;
    let tls = certificate.is_some();
    tracing::info!(listen = %settings.listen, tls, origin = %components.config.origin, "ready");

    let tracer = components.tracer.clone();
    let metrics = components.metrics.clone();
    let router = router_when_configured(&pending, components);
    let result = tokio::select! {
        result = shell_gateway::serve(
            listener, router, &settings, certificate, draining, &metrics,
        ) => result.context("the server failed"),
        result = provider => result.context("the development provider failed"),
        result = measured => result.context("the metrics' server failed"),
    };
    tracer.end();
    result
}

/// Opens the listener, and raises the limit on connections.
fn open(listen: SocketAddr) -> Result<TcpListener> {
    if let Err(error) = raise_connection_limit() {
        tracing::warn!(%error, "the number of connections cannot be raised");
    }
    shell_gateway::listen(listen).with_context(|| format!("cannot listen on {listen} (--listen)"))
}

/// The configuration, and the development provider if there is to be one.
async fn configure(
    serve: &ServeCommand,
    settings: &mut Settings,
) -> Result<(PendingConfig, Running)> {
    let Some(address) = serve.dev_idp else {
        return Ok((
            assemble::config(settings)?,
            Box::pin(std::future::pending()),
        ));
    };
    ensure!(
        settings.jwks.is_none(),
        "give either `jwks` or --dev-idp, which has keys of its own"
    );
    develop(serve, settings, address).await
}

#[cfg(feature = "dev-idp")]
async fn develop(
    serve: &ServeCommand,
    settings: &mut Settings,
    address: SocketAddr,
) -> Result<(PendingConfig, Running)> {
    let origin = serve.origin.as_deref();
    let given = assemble::config_document(settings)?;
    let given = given.as_ref();
    let (pending, running) = development::start(settings.listen, origin, address, given).await?;
    settings.issuers.push(development::machines(&pending));
    Ok((pending, running))
}

#[cfg(not(feature = "dev-idp"))]
#[expect(clippy::unused_async, reason = "the other build awaits")]
async fn develop(
    _: &ServeCommand,
    _: &mut Settings,
    _: SocketAddr,
) -> Result<(PendingConfig, Running)> {
    anyhow::bail!("this build has no development provider; give --config instead of --dev-idp")
}
