//! `mlflow-shell config`: what a gateway would run with, and what is wrong with it.

mod check;
mod discover;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Args, Subcommand};
use shell_gateway::settings::show;

use self::discover::Discover;
use super::flags::Flags;

/// Checks and shows the settings of a gateway.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reads everything that `serve` would read, and says all that is wrong and
    /// how to cure it.
    ///
    /// The exit code is 1 if anything is. Nothing is written, and nobody asked.
    Check(Box<Flags>),
    /// Prints the settings in force as TOML, each with where it is from.
    Show(Box<Flags>),
    /// Asks an issuer for its endpoints, and prints a `config.json` with them:
    /// for sites without a gateway, which would ask itself.
    Discover(Discover),
}

/// Does what `settings` asks, and says with which code to exit.
///
/// # Errors
/// If there is nothing to show, or it cannot be written.
pub(crate) async fn run(settings: &Settings) -> Result<ExitCode> {
    let (text, is_good) = match &settings.command {
        Command::Check(flags) => check::report(flags),
        Command::Show(flags) => (show(&flags.read()?)?, true),
        Command::Discover(options) => (discover::report(options).await?, true),
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
