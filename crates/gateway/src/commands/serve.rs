//! `mlflow-shell serve`

use std::{future::Future, net::SocketAddr};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use shell_core::Config;
use shell_gateway::{Draining, Settings, check_ui, router, settings::Given};
use tokio::{net::TcpListener, signal};

use super::{assemble, flags::Flags, reload};

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
    let given = serve.flags.read()?.given;
    let site = assemble::site(&given)?;
    let policy = reload::policy(given.policy.clone())?;
    let (config, provider) = configure(&serve, &given).await?;
    check_ui(&config, &site)?;
    let settings = Settings {
        policy,
        audit: assemble::audit(&given.audit)?,
        jwks_url: assemble::jwks(&given, &config)?,
        upstreams: assemble::upstreams(&given, &config)?,
        site,
        config,
        given: given.clone(),
        draining: Draining::default(),
    };
    let listen = given.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen} (--listen)"))?;
    tracing::info!(%listen, origin = %settings.config.origin, "ready");

    let server = axum::serve(listener, router(settings)).with_graceful_shutdown(stop_signal());
    tokio::select! {
        result = server.into_future() => result.context("the server failed"),
        result = provider => result.context("the development provider failed"),
    }
}

pub(crate) type Running = std::pin::Pin<Box<dyn Future<Output = Result<()>>>>;

/// The configuration, and the development provider if there is to be one.
async fn configure(serve: &Serve, given: &Given) -> Result<(Config, Running)> {
    let Some(address) = serve.dev_idp else {
        return Ok((assemble::config(given)?, Box::pin(std::future::pending())));
    };
    ensure!(
        given.config.is_none() && given.jwks.is_none(),
        "give either a configuration (`config`, `jwks`) or --dev-idp"
    );
    develop(serve, given.listen, address).await
}

#[cfg(feature = "dev-idp")]
async fn develop(
    serve: &Serve,
    listen: SocketAddr,
    address: SocketAddr,
) -> Result<(Config, Running)> {
    super::development::start(listen, serve.origin.as_deref(), address).await
}

#[cfg(not(feature = "dev-idp"))]
#[expect(clippy::unused_async, reason = "the other build awaits")]
async fn develop(_: &Serve, _: SocketAddr, _: SocketAddr) -> Result<(Config, Running)> {
    bail!("this build has no development provider; give --config instead of --dev-idp")
}

async fn stop_signal() {
    let interrupt = signal::ctrl_c();
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => drop(interrupt.await),
    }
}
