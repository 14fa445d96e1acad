//! `mlflow-shell serve`

use std::{future::Future, net::SocketAddr, num::NonZeroUsize, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use axum::http::Uri;
use clap::Args;
use shell_core::Config;
use shell_gateway::{Audit, Settings, Site, Upstreams, check_ui, router};
use tokio::{net::TcpListener, signal};

use super::reload;

/// Serves the shell and forwards to MLflow what is permitted.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; put a TLS terminator in front of anything public.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The MLflow server, if the configuration does not name several.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// The folder with the built site, if not the one that is part of this
    /// program; `dist` if none is.
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// The shell's configuration.
    #[arg(long, value_name = "FILE", required_unless_present = "dev_idp")]
    config: Option<PathBuf>,
    /// Who may do what, if not the built-in policy. On SIGHUP it is read again.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditLog,
    /// Where the issuer publishes its keys, if not below the issuer.
    #[arg(long, value_name = "URL", conflicts_with = "dev_idp")]
    jwks: Option<Uri>,
    /// Development only: where people open the shell.
    #[arg(long, value_name = "URL", requires = "dev_idp")]
    origin: Option<String>,
    /// Development only: runs the development identity provider on this
    /// loopback address, and configures the shell for it.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "config")]
    dev_idp: Option<SocketAddr>,
}

/// What is written down, and where.
#[derive(Debug, Args)]
struct AuditLog {
    /// Where decisions are written down, a JSON object a line: `-` is standard
    /// output, `off` nowhere; otherwise files that begin with this name, a new
    /// one each day with its date as the end. Give them a folder of their own.
    #[arg(long = "audit-log", value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// How many days' files are kept.
    #[arg(long = "audit-days", value_name = "DAYS", default_value = "90")]
    days: NonZeroUsize,
    /// Reads are written down, too.
    #[arg(long = "audit-reads")]
    reads: bool,
}

pub(crate) async fn run(serve: Serve) -> Result<()> {
    let site = site(serve.site.clone())?;
    let policy = reload::policy(serve.policy.clone())?;
    let (config, provider) = configure(&serve).await?;
    check_ui(&config, &site)?;
    let settings = Settings {
        policy,
        audit: serve.audit.open()?,
        jwks_url: serve
            .jwks
            .unwrap_or_else(|| Settings::default_jwks_url(&config)),
        upstreams: Upstreams::new(&config, serve.upstream.as_deref())
            .context("MLflow's address")?,
        site,
        config,
    };
    let listener = TcpListener::bind(serve.listen)
        .await
        .with_context(|| format!("cannot listen on {} (--listen)", serve.listen))?;
    tracing::info!(listen = %serve.listen, origin = %settings.config.origin, "ready");

    let server = axum::serve(listener, router(settings)).with_graceful_shutdown(stop_signal());
    tokio::select! {
        result = server.into_future() => result.context("the server failed"),
        result = provider => result.context("the development provider failed"),
    }
}

fn site(folder: Option<PathBuf>) -> Result<Site> {
    let folder = match (folder, Site::embedded()) {
        (None, Some(site)) => return Ok(site),
        (folder, _) => folder.unwrap_or_else(|| PathBuf::from("dist")),
    };
    ensure!(
        folder.join("index.html").is_file(),
        "no site in `{}`: build it with `cargo xtask site`, or name its folder with --site",
        folder.display()
    );
    Ok(folder.into())
}

impl AuditLog {
    fn open(&self) -> Result<Audit> {
        let audit = match self.file.to_str() {
            Some("off") => Audit::off(),
            Some("-") => Audit::to(std::io::stdout()),
            _ => Audit::to_files(&self.file, self.days).with_context(|| {
                let file = self.file.display();
                format!("the audit log cannot be written to `{file}` (--audit-log)")
            })?,
        };
        Ok(audit.with_reads(self.reads))
    }
}

pub(crate) type Running = std::pin::Pin<Box<dyn Future<Output = Result<()>>>>;

/// The configuration, and the development provider if there is to be one.
async fn configure(serve: &Serve) -> Result<(Config, Running)> {
    match (&serve.config, serve.dev_idp) {
        (Some(file), None) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read `{}` (--config)", file.display()))?;
            Ok((
                Config::parse(&text, shell_jose::parse_json)?,
                Box::pin(std::future::pending()),
            ))
        }
        (None, Some(address)) => develop(serve, address).await,
        _ => bail!("give either --config or --dev-idp"),
    }
}

#[cfg(feature = "dev-idp")]
async fn develop(serve: &Serve, address: SocketAddr) -> Result<(Config, Running)> {
    super::development::start(serve.listen, serve.origin.as_deref(), address).await
}

#[cfg(not(feature = "dev-idp"))]
#[expect(clippy::unused_async, reason = "the other build awaits")]
async fn develop(_: &Serve, _: SocketAddr) -> Result<(Config, Running)> {
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
