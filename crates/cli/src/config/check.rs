//! `mlflow-shell config check`: everything that `serve` would read.

use std::{borrow::Cow, path::Path};

use anyhow::{Error, Result, ensure};
use clap::Args;
use shell_core::Config;
use shell_gateway::{
    Certificate, Network, PendingConfig, TokenKeys, Tracer, check_ui,
    settings::{AuditSettings, KeySource, Settings, TokenSettings, TracingSettings, TrustedIssuer},
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
    let findings = match options.flags.read() {
        Ok(resolved) if options.online => {
            let mut findings = of_all(&resolved.settings);
            findings.extend(of_provider(&resolved.settings).await);
            findings
        }
        Ok(resolved) => of_all(&resolved.settings),
        Err(error) => vec![("settings".into(), Err(error))],
    };
    let lines: String = findings.iter().map(line).collect();
    (lines, findings.iter().all(|(_, found)| found.is_ok()))
}

/// Without a configuration or with unusable authorities there is no provider to
/// ask, and [`of_all`] says why.
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

fn line((what, found): &Finding) -> String {
    match found {
        Ok(words) => format!("ok    {what}: {words}\n"),
        Err(error) => {
            let why = format!("{error:#}").replace('\n', "\n      ");
            format!("wrong {what}: {why}\n")
        }
    }
}

/// What does not depend on the configuration is checked even if that is invalid.
fn of_all(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![
        ("listen".into(), Ok(of_listening(settings))),
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
    ];
    match assemble::config(settings) {
        Ok(pending) => findings.extend(of_config(settings, &pending)),
        Err(error) => findings.push(("config".into(), Err(error))),
    }
    findings
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

fn of_listening(settings: &Settings) -> String {
    let listen = settings.listen;
    if listen.ip().is_loopback() || settings.tls.certificate.is_some() {
        return listen.to_string();
    }
    format!("{listen} in plain HTTP: let nobody but a TLS terminator reach it, or set `tls`")
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
    Ok(match &settings.policy {
        Some(file) => format!("`{}`", file.display()),
        None => "the built-in one".to_owned(),
    })
}

fn of_tokens(by: &TokenSettings) -> Result<String> {
    TokenKeys::check(by)?;
    Ok(match &by.key_file {
        Some(file) => format!("sealed with the keys of `{}`", file.display()),
        None => "sealed with a key that `serve` makes in its state folder".to_owned(),
    })
}

fn of_tracing(tracing: &TracingSettings) -> Result<String> {
    Tracer::check(tracing)?;
    Ok(tracing.otlp.clone().unwrap_or_else(|| "off".to_owned()))
}

/// Opening the files would create one, owned by the user who checks.
fn of_audit(log: &AuditSettings) -> Result<String> {
    let days = format!(" for {} days", log.days);
    Ok(match log.file.to_str() {
        Some("off") => "off".to_owned(),
        Some("-") => "standard output".to_owned(),
        _ => {
            let folder = log.file.parent().filter(|folder| *folder != Path::new(""));
            let folder = folder.unwrap_or(Path::new("."));
            ensure!(
                folder.is_dir(),
                "there is no folder `{}` for the audit log (--audit-log): make it",
                folder.display()
            );
            format!("`{}`{days}", log.file.display())
        }
    })
}
