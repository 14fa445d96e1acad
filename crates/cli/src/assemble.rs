//! From settings to the components of a gateway.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Error, Result, ensure};
use axum::http::Uri;
use shell_core::{Config, config::Python};
use shell_gateway::{
    Audit, LivePolicy, Metrics, Network, PendingConfig, Site, TokenKeys, Upstreams,
    in_state_folder, make_key_file, serve_metrics,
    settings::{AuditSettings, Inline, MetricsSettings, Settings, TokenSettings, TrustedIssuer},
};
use tokio::net::TcpListener;

use crate::xdg;

/// A part of the gateway that runs until it fails.
pub(crate) type Running = std::pin::Pin<Box<dyn Future<Output = Result<()>>>>;

/// A document that a setting has, or names the file of.
pub(crate) struct Document {
    pub(crate) text: String,
    /// What errors call it.
    pub(crate) name: String,
    is_inline: bool,
}

/// The shell's configuration, and the client's secret if there is one.
///
/// # Errors
/// If the file cannot be read, or is no configuration.
pub(crate) fn config(settings: &Settings) -> Result<PendingConfig> {
    let document = config_document(settings)?.context(
        "no configuration: name its file with --config or `config`, or put its contents into \
         MLFLOW_SHELL_CONFIG_JSON",
    )?;
    if settings.client.is_given() {
        settings.client.read().map_err(Error::msg)?;
    }
    let pending = PendingConfig::read(&document.text).map_err(Error::msg);
    if document.is_inline {
        return pending.with_context(|| document.told());
    }
    pending
}

/// The shell's configuration as it is given, if it is.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn config_document(settings: &Settings) -> Result<Option<Document>> {
    let inline = settings.config_json.as_ref();
    let inline =
        inline.map(|text| Document::inline(text, "MLFLOW_SHELL_CONFIG_JSON (config_json)"));
    let file = settings.config.as_deref();
    let of_file = || {
        file.map(|file| Document::of_file(file, "--config"))
            .transpose()
    };
    inline.map_or_else(of_file, |document| Ok(Some(document)))
}

impl Document {
    fn inline(text: &Inline, name: &str) -> Self {
        Self {
            text: text.expose().to_owned(),
            name: name.to_owned(),
            is_inline: true,
        }
    }

    fn of_file(file: &Path, flag: &str) -> Result<Self> {
        let name = format!("`{}` ({flag})", file.display());
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        Ok(Self {
            text,
            name,
            is_inline: false,
        })
    }

    /// Its name before an error, with the most likely mistake.
    fn told(&self) -> String {
        let name = &self.name;
        if self.is_inline && !self.text.trim_start().starts_with('{') {
            return format!("{name} takes the contents of the file, not its path");
        }
        name.clone()
    }
}

/// What API tokens are sealed with, and their list. Where the settings name no key
/// file and one is needed, it is made in the state folder.
///
/// # Errors
/// If a file that is there cannot be used.
pub(crate) fn token_keys(given: &TokenSettings, config: &Config) -> Result<TokenKeys> {
    let tokens = tokens(given, config);
    if *given == tokens {
        if needs_keys(config) && !given.has_keys() {
            warn("there is no state folder ($STATE_DIRECTORY, $XDG_STATE_HOME or $HOME)");
        }
        return Ok(TokenKeys::new(given)?);
    }
    if let Some(Err(error)) = tokens.key_file.as_deref().map(make_key_file) {
        let file = tokens.key_file.unwrap_or_default();
        warn(&format!("`{}` cannot be made: {error}", file.display()));
        return Ok(TokenKeys::new(given)?);
    }
    Ok(TokenKeys::new(&tokens)?)
}

fn warn(why: &str) {
    tracing::warn!(
        why,
        "tokens for programs, and sessions that the gateway keeps, end with this process: set \
         `tokens.key_file`, or MLFLOW_SHELL_TOKENS__KEYS"
    );
}

/// Where the keys and the list of tokens are; nothing is made.
pub(crate) fn tokens(given: &TokenSettings, config: &Config) -> TokenSettings {
    match state_folder() {
        Some(folder) if needs_keys(config) => in_state_folder(given, &folder, config),
        _ => given.clone(),
    }
}

/// Whether something is sealed that is to be there after a restart.
fn needs_keys(config: &Config) -> bool {
    config.provider.via_gateway || matches!(config.python, Some(Python::Token { .. }))
}

/// Where the gateway keeps its state: in what systemd gives it (`StateDirectory=`), or
/// in its user's folder of state.
fn state_folder() -> Option<PathBuf> {
    // systemd has a colon between several.
    let given = env::var("STATE_DIRECTORY").ok();
    let given = given.and_then(|all| all.split(':').next().map(PathBuf::from));
    let given = given.filter(|folder| folder.is_absolute());
    given.or_else(|| Some(xdg::state_home()?.join(xdg::NAME)))
}

/// How servers elsewhere are reached.
///
/// # Errors
/// If the file of certificate authorities cannot be used.
pub(crate) fn network(settings: &Settings) -> Result<Network> {
    Ok(Network::load(&settings.trust)?)
}

/// The built site.
///
/// # Errors
/// If there is none.
pub(crate) fn site(settings: &Settings) -> Result<Site> {
    let folder = match (settings.site.clone(), Site::embedded()) {
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

/// The policy: the given one, or else the built-in one.
///
/// # Errors
/// If the file cannot be read, or what is in it is no policy.
pub(crate) fn policy(settings: &Settings) -> Result<LivePolicy> {
    let document = match (&settings.policy_json, &settings.policy) {
        (Some(text), _) => Document::inline(text, "MLFLOW_SHELL_POLICY_JSON (policy_json)"),
        (None, Some(file)) => policy_document(file)?,
        (None, None) => return Ok(LivePolicy::default()),
    };
    LivePolicy::parse(&document.text).with_context(|| document.told())
}

/// What is in the file of a policy.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn policy_document(file: &Path) -> Result<Document> {
    Document::of_file(file, "--policy")
}

/// The issuers whose tokens are accepted.
///
/// # Errors
/// If the settings of an issuer are wrong.
pub(crate) fn issuers(settings: &Settings, config: &Config) -> Result<Vec<TrustedIssuer>> {
    let jwks = settings.jwks.as_ref().map(|url| {
        let parsed = url.parse::<Uri>();
        parsed.with_context(|| format!("`jwks`: `{url}` is no URL"))
    });
    let jwks = jwks.transpose()?;
    Ok(TrustedIssuer::all(
        config,
        jwks.as_ref(),
        &settings.issuers,
    )?)
}

/// The MLflow servers.
///
/// # Errors
/// If the address is missing, given twice, or invalid.
pub(crate) fn upstreams(settings: &Settings, config: &Config) -> Result<Upstreams> {
    let located = Upstreams::located(config, settings.upstream.as_ref(), &settings.upstreams);
    located.context("MLflow's address")
}

/// The audit log, ready to be written.
///
/// # Errors
/// If it cannot be.
pub(crate) fn audit(log: &AuditSettings) -> Result<Audit> {
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

/// Serves the metrics, if they have an address.
///
/// # Errors
/// If the address cannot be listened on.
pub(crate) async fn metrics(at: &MetricsSettings, metrics: &Metrics) -> Result<Running> {
    let Some(listen) = at.listen else {
        return Ok(Box::pin(std::future::pending()));
    };
    let listener = TcpListener::bind(listen).await;
    let listener =
        listener.with_context(|| format!("cannot listen on {listen} (metrics.listen)"))?;
    let serving = serve_metrics(listener, metrics.clone());
    Ok(Box::pin(async { Ok(serving.await?) }))
}
