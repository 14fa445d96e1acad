//! `mlflow-shell config`: checks and shows the settings of a gateway.

mod check;
mod discover;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Args, Subcommand};
use shell_gateway::settings::show;

pub(crate) use self::check::before_start;
use self::{check::Check, discover::Discover};
use crate::flags::Flags;

/// Check and show the settings of a gateway
#[derive(Debug, Args)]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    command: ConfigSubcommand,
}

#[derive(Debug, Subcommand)]
enum ConfigSubcommand {
    /// Check everything that `serve` would read, and report every error with its
    /// remedy
    ///
    /// The exit code is 1 if there is an error. Nothing is written, and no network
    /// connection is made without `--online`.
    Check(Box<Check>),
    /// Print the settings in force as TOML, each with its source
    Show(Box<Flags>),
    /// Discover an issuer's endpoints, and print a `config.json` with them
    ///
    /// This is for sites without a gateway: a gateway discovers them itself.
    Discover(Discover),
}

/// Runs `command`, and returns its exit code.
///
/// # Errors
/// If there is nothing to show, or it cannot be written.
pub(crate) async fn run(command: &ConfigCommand) -> Result<ExitCode> {
    let (text, is_good) = match &command.command {
        ConfigSubcommand::Check(options) => Box::pin(check::report(options)).await,
        ConfigSubcommand::Show(flags) => (show(&flags.read()?)?, true),
        ConfigSubcommand::Discover(options) => (discover::report(options).await?, true),
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
