//! `mlflow-shell config check`: everything that `serve` would read.

use std::path::Path;

use anyhow::{Result, ensure};
use shell_core::Config;
use shell_gateway::{
    Certificate, Draft, TokenKeys, check_ui,
    settings::{AuditLog, Given, KeySource, TokensBy, Tracing, TrustedIssuer},
};

use crate::commands::{assemble, flags::Flags};

/// What was looked at, and what was found there: a few words if it is good.
type Finding = (&'static str, Result<String>);

/// A line for each finding, and whether all is good.
pub(super) fn report(flags: &Flags) -> (String, bool) {
    let findings = match flags.read() {
        Ok(told) => of_all(&told.given),
        Err(error) => vec![("settings", Err(error))],
    };
    let lines: String = findings.iter().map(line).collect();
    (lines, findings.iter().all(|(_, found)| found.is_ok()))
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

/// What does not depend on the configuration is looked at even if that is bad.
fn of_all(given: &Given) -> Vec<Finding> {
    let mut findings = vec![
        ("listen", Ok(of_listening(given))),
        ("tls", of_tls(given)),
        ("policy", of_policy(given)),
        ("audit", of_audit(&given.audit)),
        ("site", assemble::site(given).map(|site| site.to_string())),
        ("tokens", of_tokens(&given.tokens)),
        ("tracing", of_tracing(&given.tracing)),
    ];
    match assemble::config(given) {
        Ok(draft) => findings.extend(of_config(given, &draft)),
        Err(error) => findings.push(("config", Err(error))),
    }
    findings
}

fn of_config(given: &Given, draft: &Draft) -> Vec<Finding> {
    let config = draft.config();
    let ui = |site| Ok(check_ui(config, &site)?);
    vec![
        ("config", Ok(of_draft(draft))),
        (
            "ui",
            assemble::site(given)
                .and_then(ui)
                .map(|()| ui_words(config)),
        ),
        (
            "issuers",
            assemble::issuers(given, config).map(|issuers| of_issuers(&issuers)),
        ),
        (
            "upstream",
            assemble::upstreams(given, config).map(|found| found.to_string()),
        ),
    ]
}

fn of_draft(draft: &Draft) -> String {
    let origin = &draft.config().origin;
    if draft.is_whole() {
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

fn of_listening(given: &Given) -> String {
    let listen = given.listen;
    if listen.ip().is_loopback() || given.tls.certificate.is_some() {
        return listen.to_string();
    }
    format!("{listen} in plain HTTP: let nobody but a TLS terminator reach it, or set `tls`")
}

fn of_tls(given: &Given) -> Result<String> {
    Ok(match Certificate::load(&given.tls)? {
        Some(certificate) => certificate.to_string(),
        None => "none: plain HTTP".to_owned(),
    })
}

fn of_policy(given: &Given) -> Result<String> {
    assemble::policy(given)?;
    Ok(match &given.policy {
        Some(file) => format!("`{}`", file.display()),
        None => "the built-in one".to_owned(),
    })
}

fn of_tokens(by: &TokensBy) -> Result<String> {
    TokenKeys::new(by)?;
    Ok(match &by.key_file {
        Some(file) => format!("sealed with the keys of `{}`", file.display()),
        None => "known to this gateway only, as long as it runs".to_owned(),
    })
}

fn of_tracing(tracing: &Tracing) -> Result<String> {
    tracing.check()?;
    Ok(tracing.otlp.clone().unwrap_or_else(|| "off".to_owned()))
}

/// Opening the files would make one, which belonged to whoever checks.
fn of_audit(log: &AuditLog) -> Result<String> {
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
