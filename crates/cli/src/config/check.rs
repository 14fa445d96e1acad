//! `mlflow-shell config check`: everything that `serve` would read or open, which
//! `serve` checks by the same functions before it opens anything.

mod listeners;

use std::borrow::Cow;

use anyhow::{Error, Result, anyhow, ensure};
use clap::Args;
use shell_core::Config;
use shell_gateway::{
    Audit, Certificate, Network, PendingConfig, TokenKeys, Tracer, check_ui,
    settings::{
        AuditSettings, KeySource, ResolvedSettings, SettingError, Settings, TokenSettings,
        TracingSettings, TrustedIssuer,
    },
};

use crate::{assemble, checks::check_provider, flags::Flags};

/// What is to be checked.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    flags: Flags,
    /// Ask the identity provider, too: its document and keys, its login page, and
    /// whether pages may ask it for tokens
    #[arg(long)]
    online: bool,
}

/// What was checked, and the result: a short description, or the error.
type Finding = (Cow<'static, str>, Result<String>);

/// A line for each finding, and whether all is good.
pub(super) async fn report(options: &Check) -> (String, bool) {
    let mut findings = match options.flags.sources().read_valid() {
        (Some(resolved), errors) => of_valid(&resolved, &errors),
        (None, errors) => errors.iter().map(of_error).collect(),
    };
    let is_good = |findings: &[Finding]| findings.iter().all(|(_, found)| found.is_ok());
    if let (true, Ok(resolved)) = (options.online, options.flags.read()) {
        findings.extend(of_provider(&resolved.settings).await);
        findings.extend(of_credentials(&resolved.settings).await);
    }
    (lines(&findings), is_good(&findings))
}

/// Checks what `serve` would fail with, without a configuration if it has none yet.
///
/// # Errors
/// With all that is wrong.
pub(crate) fn before_start(settings: &Settings, is_configured: bool) -> Result<()> {
    let mut findings = of_independent(settings);
    if is_configured {
        findings.extend(of_configured(settings));
    }
    findings.retain(|(_, found)| found.is_err());
    ensure!(
        findings.is_empty(),
        "the gateway cannot start:\n{}",
        lines(&findings).trim_end()
    );
    Ok(())
}

/// What is wrong, and findings about sections in which nothing is: of the others the
/// defaults would be checked.
fn of_valid(resolved: &ResolvedSettings, errors: &[SettingError]) -> Vec<Finding> {
    let is_sound = |(what, _): &Finding| {
        let mut sections = errors.iter().map(SettingError::section);
        !sections.any(|section| match section {
            "" => true,
            "upstreams" => what == "upstream",
            "jwks" => what == "issuers",
            "site" => what == "site" || what == "ui",
            "client" | "config_json" => what == "config",
            "policy_json" => what == "policy",
            section => section == what,
        })
    };
    let mut findings = of_independent(&resolved.settings);
    findings.extend(of_configured(&resolved.settings));
    let errors = errors.iter().map(of_error);
    errors
        .chain(findings.into_iter().filter(is_sound))
        .collect()
}

fn of_error(error: &SettingError) -> Finding {
    ("settings".into(), Err(anyhow!("{error}")))
}

/// Without a configuration or with unusable authorities there is no provider to
/// ask, and [`of_configured`] says why.
async fn of_provider(settings: &Settings) -> Vec<Finding> {
    let (Ok(pending), Ok(network)) = (assemble::config(settings), assemble::network(settings))
    else {
        return Vec::new();
    };
    let config = match completed(&pending, &network).await {
        Ok(config) => config,
        Err(error) => return vec![("issuer".into(), Err(error))],
    };
    let report = check_provider(&config, &network).await;
    let findings = report.findings();
    let findings =
        findings.map(|(check, found)| (check.to_owned().into(), found.map_err(Error::msg)));
    findings.collect()
}

async fn completed(pending: &PendingConfig, network: &Network) -> Result<Config> {
    pending.discover(network).await.map_err(Error::msg)
}

/// Whether there are AWS credentials for the servers that want them.
async fn of_credentials(settings: &Settings) -> Option<Finding> {
    let config = assemble::config(settings).ok()?;
    let upstreams = assemble::upstreams(settings, config.config()).ok()?;
    let found = upstreams.ready().await;
    let found = found.map(|()| "there are those that MLflow's address needs".to_owned());
    Some(("credentials".into(), found.map_err(Error::from)))
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(line).collect()
}

fn line((what, found): &Finding) -> String {
    match found {
        Ok(words) => format!("ok    {what}: {words}\n"),
        Err(error) => {
            let why = format!("{error:#}").replace('\n', "\n      ");
            format!("wrong {what}: {why}\n")
        }
    }
}

/// What does not depend on the configuration.
fn of_independent(settings: &Settings) -> Vec<Finding> {
    let mut findings = listeners::findings(settings);
    findings.extend([
        ("tls".into(), of_tls(settings)),
        ("trust".into(), of_trust(settings)),
        ("policy".into(), of_policy(settings)),
        ("audit".into(), of_audit(&settings.audit)),
        (
            "site".into(),
            assemble::site(settings).map(|site| site.to_string()),
        ),
        ("tokens".into(), of_tokens(&settings.tokens)),
        ("tracing".into(), of_tracing(&settings.tracing)),
    ]);
    findings
}

fn of_configured(settings: &Settings) -> Vec<Finding> {
    match assemble::config(settings) {
        Ok(pending) => of_config(settings, &pending),
        Err(error) => vec![("config".into(), Err(error))],
    }
}

fn of_config(settings: &Settings, pending: &PendingConfig) -> Vec<Finding> {
    let config = pending.config();
    let ui = |site| Ok(check_ui(config, &site)?);
    vec![
        ("config".into(), Ok(of_draft(pending))),
        (
            "ui".into(),
            assemble::site(settings)
                .and_then(ui)
                .map(|()| ui_words(config)),
        ),
        (
            "issuers".into(),
            assemble::issuers(settings, config).map(|issuers| of_issuers(&issuers)),
        ),
        (
            "upstream".into(),
            assemble::upstreams(settings, config).map(|found| found.to_string()),
        ),
    ]
}

fn of_draft(pending: &PendingConfig) -> String {
    let origin = &pending.config().origin;
    if pending.is_complete() {
        origin.to_string()
    } else {
        format!("{origin}, with endpoints that the issuer is asked for at the start")
    }
}

fn of_issuers(issuers: &[TrustedIssuer]) -> String {
    let words = issuers.iter().map(|trusted| {
        let name = &trusted.issuer.name;
        match &trusted.keys {
            KeySource::At(url) => format!("{name} with keys at {url}"),
            KeySource::Discovered(_) => format!("{name} with keys where it says"),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

fn ui_words(config: &Config) -> String {
    match &config.ui {
        Some(version) => format!("MLflow's UI of {version} from the site"),
        None => "MLflow's UI from the MLflow server".to_owned(),
    }
}

fn of_tls(settings: &Settings) -> Result<String> {
    Ok(match Certificate::load(&settings.tls)? {
        Some(certificate) => certificate.to_string(),
        None => "none: plain HTTP".to_owned(),
    })
}

fn of_trust(settings: &Settings) -> Result<String> {
    assemble::network(settings)?;
    Ok(match &settings.trust.ca_file {
        Some(file) => format!(
            "the built-in authorities, and those of `{}`",
            file.display()
        ),
        None => "the built-in authorities".to_owned(),
    })
}

fn of_policy(settings: &Settings) -> Result<String> {
    assemble::policy(settings)?;
    Ok(match (&settings.policy_json, &settings.policy) {
        (Some(_), _) => "that of MLFLOW_SHELL_POLICY_JSON".to_owned(),
        (None, Some(file)) => format!("`{}`", file.display()),
        (None, None) => "the built-in one".to_owned(),
    })
}

fn of_tokens(by: &TokenSettings) -> Result<String> {
    TokenKeys::check(by)?;
    Ok(match (&by.keys, &by.key_file) {
        (Some(_), _) => "sealed with the keys of MLFLOW_SHELL_TOKENS__KEYS".to_owned(),
        (None, Some(file)) => format!("sealed with the keys of `{}`", file.display()),
        (None, None) => "sealed with a key that `serve` makes in its state folder".to_owned(),
    })
}

fn of_tracing(tracing: &TracingSettings) -> Result<String> {
    Tracer::check(tracing)?;
    Ok(tracing.otlp.clone().unwrap_or_else(|| "off".to_owned()))
}

/// Opening the files would create one, owned by the user who checks.
fn of_audit(log: &AuditSettings) -> Result<String> {
    let file = log.file.display();
    Ok(match log.file.to_str() {
        Some("off") => "off".to_owned(),
        Some("-") => "standard output".to_owned(),
        _ => {
            Audit::check_files(&log.file).map_err(|why| {
                anyhow!("the audit log cannot be written to `{file}` (--audit-log): {why}")
            })?;
            format!("`{file}` for {} days", log.days)
        }
    })
}
