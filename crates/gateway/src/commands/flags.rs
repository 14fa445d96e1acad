//! The settings of a gateway as `serve` and `config` take them.

use std::{env, net::SocketAddr, num::NonZeroUsize, path::PathBuf};

use anyhow::{Result, bail};
use axum::http::Uri;
use clap::Args;
use shell_gateway::settings::{Layers, Told};

/// The settings that are worth a flag; all others are in the file.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// A file with all settings of the gateway (docs/OPERATION.md). Variables
    /// `MLFLOW_SHELL_*` are stronger, and flags stronger than those.
    #[arg(long, value_name = "FILE", env = "MLFLOW_SHELL_SETTINGS")]
    settings: Option<PathBuf>,
    /// Where to listen: 127.0.0.1:8080 if nothing else is said. Without a
    /// certificate put a TLS terminator in front of anything public.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The MLflow server, if the configuration does not name several: its URL, or
    /// the ARN of a tracking server or an App of SageMaker's.
    #[arg(long, value_name = "URL|ARN")]
    upstream: Option<String>,
    /// The folder with the built site, if not the one that is part of this
    /// program; `dist` if none is.
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// The shell's configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Who may do what, if not the built-in policy. On SIGHUP it is read again.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditFlags,
    /// Where the issuer publishes its keys, if neither where Cognito does nor where
    /// its discovery document says.
    #[arg(long, value_name = "URL")]
    jwks: Option<Uri>,
}

/// What is written down, and where.
#[derive(Debug, Args)]
struct AuditFlags {
    /// Where decisions are written down, a JSON object a line: `-` is standard
    /// output, as if nothing is said, `off` nowhere; otherwise files that begin
    /// with this name, a new one each day with its date as the end. Give them a
    /// folder of their own.
    #[arg(long = "audit-log", value_name = "FILE")]
    file: Option<PathBuf>,
    /// How many days' files are kept: 90 if nothing else is said.
    #[arg(long = "audit-days", value_name = "DAYS")]
    days: Option<NonZeroUsize>,
    /// Reads are written down, too.
    #[arg(long = "audit-reads")]
    reads: bool,
}

impl Flags {
    /// What the file, the environment and the command line say together.
    ///
    /// # Errors
    /// With all that is wrong in them.
    pub(crate) fn read(&self) -> Result<Told> {
        let file = Layers::default();
        let file = match &self.settings {
            Some(path) => file.with_file(path),
            None => file,
        };
        // A name or a value that is no text is none of ours.
        let variables = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        match self.over(file.with_environment(variables)).read() {
            Ok(told) => Ok(told),
            Err(errors) => {
                let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
                bail!("{}", lines.join("\n"))
            }
        }
    }

    fn over(&self, layers: Layers) -> Layers {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let days = self
            .audit
            .days
            .and_then(|days| i64::try_from(days.get()).ok());
        layers
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
            .with_flag("--audit-log", &["audit", "file"], path(&self.audit.file))
            .with_flag("--audit-days", &["audit", "days"], days)
            .with_flag(
                "--audit-reads",
                &["audit", "reads"],
                self.audit.reads.then_some(true),
            )
    }
}
