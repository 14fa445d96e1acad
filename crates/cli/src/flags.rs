//! The settings of a gateway as `serve` and `config` take them.

use std::{env, net::SocketAddr, num::NonZeroUsize, path::PathBuf};

use anyhow::{Result, anyhow};
use axum::http::Uri;
use clap::Args;
use shell_gateway::settings::{ResolvedSettings, SettingsSources, listen_address};

/// The settings that have a flag; all others are in the file.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// File with the settings of the gateway (docs/OPERATION.md). Variables
    /// `MLFLOW_SHELL_*` override it, and flags override both
    #[arg(long, value_name = "FILE", env = "MLFLOW_SHELL_SETTINGS")]
    settings: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080]. Without a certificate, put a
    /// TLS terminator in front of a public gateway
    #[arg(long, value_name = "ADDRESS", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    /// The MLflow server, unless the configuration names several: its URL, or the ARN
    /// of a SageMaker tracking server or MLflow App
    #[arg(long, value_name = "URL|ARN")]
    upstream: Option<String>,
    /// Folder with the built site [default: the site in this program, or `dist`]
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// The shell's configuration, `config.json`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Policy file [default: the built-in policy]; reloaded on SIGHUP
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditFlags,
    /// PEM file with further certificate authorities: of the issuer, of MLflow, of a
    /// collector
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// URL of the issuer's keys [default: as Cognito has it, or as discovered]
    #[arg(long, value_name = "URL")]
    jwks: Option<Uri>,
}

/// The audit log.
#[derive(Debug, Args)]
struct AuditFlags {
    /// Audit log, a JSON object a line: `-` for standard output (the default), `off`,
    /// or the prefix of files, one a day, in a folder of their own
    #[arg(long = "audit-log", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Days for which audit files are kept [default: 90]
    #[arg(long = "audit-days", value_name = "DAYS")]
    days: Option<NonZeroUsize>,
    /// Record reads in the audit log, too
    #[arg(long = "audit-reads")]
    reads: bool,
}

impl Flags {
    /// The settings of file, environment and command line, merged.
    ///
    /// # Errors
    /// With every setting that is wrong.
    pub(crate) fn read(&self) -> Result<ResolvedSettings> {
        self.sources().read().map_err(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            anyhow!("{}", lines.join("\n"))
        })
    }

    /// The settings of file, environment and command line, not merged yet.
    pub(crate) fn sources(&self) -> SettingsSources {
        let file = SettingsSources::default();
        let file = match &self.settings {
            Some(path) => file.with_file(path),
            None => file,
        };
        // A name or a value that is no text is none of ours.
        let variables = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        self.merge_into(file.with_environment(variables))
    }

    fn merge_into(&self, sources: SettingsSources) -> SettingsSources {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let days = self
            .audit
            .days
            .and_then(|days| i64::try_from(days.get()).ok());
        sources
            .with_flag(
                "--listen",
                &["listen"],
                self.listen.map(|listen| listen.to_string()),
            )
            .with_flag("--upstream", &["upstream"], self.upstream.clone())
            .with_flag("--site", &["site"], path(&self.site))
            .with_flag("--config", &["config"], path(&self.config))
            .with_flag("--policy", &["policy"], path(&self.policy))
            .with_flag(
                "--jwks",
                &["jwks"],
                self.jwks.as_ref().map(ToString::to_string),
            )
            .with_flag("--ca-file", &["trust", "ca_file"], path(&self.ca_file))
            .with_flag("--audit-log", &["audit", "file"], path(&self.audit.file))
            .with_flag("--audit-days", &["audit", "days"], days)
            .with_flag(
                "--audit-reads",
                &["audit", "reads"],
                self.audit.reads.then_some(true),
            )
    }
}
