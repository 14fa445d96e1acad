//! `mlflow-shell serve`

use std::{future::Future, net::SocketAddr};

use anyhow::{Context, Result, ensure};
use clap::Args;
use shell_gateway::{
    Certificate, Draft, Draining, Metrics, Settings, TokenKeys, Tracer, check_ui,
    raise_connections, router_of, settings::Given,
};
use tokio::net::TcpListener;

use super::{assemble, flags::Flags, reload, stop};

/// Serves the shell and forwards to MLflow what is permitted.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    flags: Flags,
    /// Development only: where people open the shell.
    #[arg(long, value_name = "URL", requires = "dev_idp")]
    origin: Option<String>,
    /// Development only: runs the development identity provider on this
    /// loopback address, and configures the shell for it.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["config", "jwks"])]
    dev_idp: Option<SocketAddr>,
}

pub(crate) async fn run(serve: Serve) -> Result<()> {
    let mut given = serve.flags.read()?.given;
    let written = given.log.begin();
    let site = assemble::site(&given)?;
    let policy = assemble::policy(&given)?;
    let (draft, provider) = configure(&serve, &mut given).await?;
    let config = draft.config().clone();
    check_ui(&config, &site)?;
    let metrics = Metrics::default();
    metrics.log_errors(written.lost());
    let settings = Settings {
        policy,
        audit: assemble::audit(&given.audit)?.counting(metrics.audit_errors()),
        issuers: assemble::issuers(&given, &config)?,
        upstreams: assemble::upstreams(&given, &config)?,
        site,
        config,
        given: given.clone(),
        draining: Draining::default(),
        token_keys: TokenKeys::new(&given.tokens)?,
        metrics,
        tracer: Tracer::new(&given.tracing)?,
    };
    settings.upstreams.ready().await?;
    let certificate = Certificate::load(&given.tls)?;
    reload::on_hangup(
        settings.policy.clone(),
        given.policy.clone(),
        certificate.clone(),
    )?;
    let listener = open(given.listen)?;
    let draining = settings.draining.clone();
    stop::on_signal(draining.clone())?;
    let tls = certificate.is_some();
    tracing::info!(listen = %given.listen, tls, origin = %settings.config.origin, "ready");

    let tracer = settings.tracer.clone();
    let measured = assemble::metrics(&given.metrics, &settings.metrics).await?;
    let metrics = settings.metrics.clone();
    let router = router_of(&draft, settings);
    let result = tokio::select! {
        result = shell_gateway::serve(
            listener, router, &given, certificate, draining, &metrics,
        ) => result.context("the server failed"),
        result = provider => result.context("the development provider failed"),
        result = measured => result.context("the metrics' server failed"),
    };
    tracer.end();
    result
}

/// Opens the listener, and room for as many connections as there may be.
fn open(listen: SocketAddr) -> Result<TcpListener> {
    if let Err(error) = raise_connections() {
        tracing::warn!(%error, "the number of connections cannot be raised");
    }
    shell_gateway::listen(listen).with_context(|| format!("cannot listen on {listen} (--listen)"))
}

pub(crate) type Running = std::pin::Pin<Box<dyn Future<Output = Result<()>>>>;

/// The configuration, and the development provider if there is to be one.
async fn configure(serve: &Serve, given: &mut Given) -> Result<(Draft, Running)> {
    let Some(address) = serve.dev_idp else {
        return Ok((assemble::config(given)?, Box::pin(std::future::pending())));
    };
    ensure!(
        given.config.is_none() && given.jwks.is_none(),
        "give either a configuration (`config`, `jwks`) or --dev-idp"
    );
    develop(serve, given, address).await
}

#[cfg(feature = "dev-idp")]
async fn develop(
    serve: &Serve,
    given: &mut Given,
    address: SocketAddr,
) -> Result<(Draft, Running)> {
    let origin = serve.origin.as_deref();
    let (draft, running) = super::development::start(given.listen, origin, address).await?;
    given.issuers.push(super::development::machines(&draft));
    Ok((draft, running))
}

#[cfg(not(feature = "dev-idp"))]
#[expect(clippy::unused_async, reason = "the other build awaits")]
async fn develop(_: &Serve, _: &mut Given, _: SocketAddr) -> Result<(Draft, Running)> {
    anyhow::bail!("this build has no development provider; give --config instead of --dev-idp")
}
