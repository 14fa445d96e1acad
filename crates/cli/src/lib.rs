//! The command line of `mlflow-shell`.
//!
//! ```text
//!  main ─▶ lib: Cli ─┬▶ serve ─▶ config (checks before the start)
//!                    ├▶ config ───▶ flags, assemble ─▶ shell_gateway
//!                    ├▶ policy ───▶ shell_core::policy
//!                    ├▶ tokens ───▶ flags, assemble ─▶ the list of tokens
//!                    ├▶ smoke ────▶ checks ─▶ a live deployment
//!                    └▶ health ───▶ checks::probe ─▶ a running gateway
//! ```

mod assemble;
pub mod checks;
mod config;
mod flags;
mod health;
mod policy;
mod serve;
mod smoke;
mod tokens;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use shell_gateway::{settings::LogSettings, start_log};

/// Puts MLflow behind a login.
#[derive(Debug, Parser)]
#[command(name = "mlflow-shell", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the shell, and forward permitted requests to MLflow
    Serve(Box<serve::ServeCommand>),
    /// Check and show the settings of a gateway
    Config(config::ConfigCommand),
    /// Check and explain an access policy
    Policy(policy::PolicyCommand),
    /// Check a live deployment, without changing anything
    Smoke(smoke::SmokeCommand),
    /// List and revoke tokens for programs
    Tokens(tokens::TokensCommand),
    /// Ask a running gateway whether it is alive or ready
    Health(health::HealthCommand),
}

impl Cli {
    /// Runs the command, and returns its exit code.
    ///
    /// # Errors
    /// With what prevents it, as a chain of causes.
    pub async fn run(self) -> Result<ExitCode> {
        // The settings of a server say how it logs.
        let _log = (!matches!(self.command, Command::Serve(_)))
            .then(|| start_log(&LogSettings::default()));
        match self.command {
            Command::Serve(command) => Box::pin(serve::run(*command))
                .await
                .map(|()| ExitCode::SUCCESS),
            Command::Config(command) => Box::pin(config::run(&command)).await,
            Command::Policy(command) => policy::run(&command),
            Command::Smoke(command) => smoke::run(&command).await,
            Command::Tokens(command) => tokens::run(&command).map(|()| ExitCode::SUCCESS),
            Command::Health(command) => health::run(&command).await.map(|()| ExitCode::SUCCESS),
        }
    }
}
