//! `mlflow-shell smoke`: read-only checks of a live deployment.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use shell_core::{Origin, Secret};
use shell_gateway::{Network, settings::TrustSettings};

use crate::checks::{Target, check_deployment};

/// Check a live deployment, without changing anything
#[derive(Debug, Args)]
pub(crate) struct SmokeCommand {
    /// The URL at which people open the shell
    #[arg(long, value_name = "ORIGIN")]
    url: String,
    /// File with a token of the kind that `bearer` names, or an API token, to check
    /// MLflow itself, too. No token is ever printed
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// PEM file with further certificate authorities, as `trust.ca_file`
    #[arg(long, value_name = "FILE", env = "MLFLOW_SHELL_TRUST__CA_FILE")]
    ca_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints a line for each check. The exit code is 0 if nothing differs from
/// expectation, and 1 otherwise.
///
/// # Errors
/// If there is nothing to check with these options.
pub(crate) async fn run(options: &SmokeCommand) -> Result<ExitCode> {
    let origin = Origin::parse(&options.url)
        .map_err(|error| anyhow::anyhow!("`{}` (--url) {error}", options.url))?;
    let token = options.token_file.as_deref().map(token).transpose()?;
    let ca_file = options.ca_file.clone();
    let network = Network::load(&TrustSettings::of_ca_file(ca_file))?;
    let target = Target {
        origin,
        token,
        network,
    };
    let report = check_deployment(target).await;
    let text = if options.json {
        format!("{:#}\n", report.json())
    } else {
        report.table()
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(if report.is_fine() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn token(file: &Path) -> Result<Secret> {
    let named = || format!("`{}` (--token-file)", file.display());
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", named()))?;
    let token = text.trim();
    ensure!(
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()),
        "{} has no token: it should hold one and nothing else, without `Bearer`",
        named()
    );
    Ok(Secret::new(token))
}
