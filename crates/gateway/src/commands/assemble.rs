//! From what the operator says to a gateway's settings.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Error, Result, ensure};
use axum::http::Uri;
use shell_core::Config;
use shell_gateway::{
    Audit, Draft, LivePolicy, Metrics, Site, serve_metrics,
    settings::{AuditLog, Given, MetricsAt, TrustedIssuer, Upstreams},
};
use tokio::net::TcpListener;

use super::serve::Running;

/// The shell's configuration, and the client's secret if there is one.
///
/// # Errors
/// If the file cannot be read, or is no configuration.
pub(crate) fn config(given: &Given) -> Result<Draft> {
    let file = given.config.as_ref();
    let file = file.context("no configuration: name its file with --config or `config`")?;
    let text = fs::read_to_string(file)
        .with_context(|| format!("cannot read `{}` (--config)", file.display()))?;
    if given.client.is_given() {
        given.client.read().map_err(Error::msg)?;
    }
    Draft::read(&text).map_err(Error::msg)
}

/// The built site.
///
/// # Errors
/// If there is none.
pub(crate) fn site(given: &Given) -> Result<Site> {
    let folder = match (given.site.clone(), Site::embedded()) {
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

/// Who may do what: what the file says, or else the built-in policy.
///
/// # Errors
/// If the file cannot be read, or what is in it is no policy.
pub(crate) fn policy(given: &Given) -> Result<LivePolicy> {
    match &given.policy {
        Some(file) => LivePolicy::parse(&document(file)?).with_context(|| named(file)),
        None => Ok(LivePolicy::default()),
    }
}

/// What is in the file of a policy.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn document(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", named(file)))
}

fn named(file: &Path) -> String {
    format!("`{}` (--policy)", file.display())
}

/// Whose tokens are accepted.
///
/// # Errors
/// If what is said of an issuer is wrong.
pub(crate) fn issuers(given: &Given, config: &Config) -> Result<Vec<TrustedIssuer>> {
    let jwks = given.jwks.as_ref().map(|url| {
        let parsed = url.parse::<Uri>();
        parsed.with_context(|| format!("`jwks`: `{url}` is no URL"))
    });
    let jwks = jwks.transpose()?;
    Ok(TrustedIssuer::all(config, jwks.as_ref(), &given.issuers)?)
}

/// Where MLflow is.
///
/// # Errors
/// If that is not said, or twice, or not well.
pub(crate) fn upstreams(given: &Given, config: &Config) -> Result<Upstreams> {
    let located = Upstreams::located(config, given.upstream.as_ref(), &given.upstreams);
    located.context("MLflow's address")
}

/// The audit log, ready to be written.
///
/// # Errors
/// If it cannot be.
pub(crate) fn audit(log: &AuditLog) -> Result<Audit> {
    let audit = match log.file.to_str() {
        Some("off") => Audit::off(),
        Some("-") => Audit::to(std::io::stdout()),
        _ => Audit::to_files(&log.file, log.days).with_context(|| {
            let file = log.file.display();
            format!("the audit log cannot be written to `{file}` (--audit-log)")
        })?,
    };
    let audit = audit.gathering_reads().context("the audit log")?;
    Ok(audit.with_reads(log.reads))
}

/// Answers Prometheus, if it is to be answered.
///
/// # Errors
/// If nobody can listen there.
pub(crate) async fn metrics(at: &MetricsAt, metrics: &Metrics) -> Result<Running> {
    let Some(listen) = at.listen else {
        return Ok(Box::pin(std::future::pending()));
    };
    let listener = TcpListener::bind(listen).await;
    let listener =
        listener.with_context(|| format!("cannot listen on {listen} (metrics.listen)"))?;
    let serving = serve_metrics(listener, metrics.clone());
    Ok(Box::pin(async { Ok(serving.await?) }))
}
