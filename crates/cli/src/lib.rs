//! The command line of `mlflow-shell`.
//!
//! ```text
//!  main ─▶ lib: Cli ─┬▶ serve ─▶ config (checks before the start)
//!                    ├▶ config ───▶ flags, assemble ─▶ shell_gateway
//!                    ├▶ up ───────▶ itself as `serve`, and MLflow
//!                    ├▶ policy ───▶ shell_core::policy
//!                    ├▶ tokens ───▶ flags, assemble ─▶ the list of tokens
//!                    ├▶ smoke ────▶ checks ─▶ a live deployment
//!                    ├▶ health ───▶ checks::probe ─▶ a running gateway
//!                    └▶ login, logout, token, whoami, status ─▶ sign_in
//! ```

mod assemble;
pub mod checks;
mod config;
mod end_signals;
mod flags;
mod health;
mod policy;
mod serve;
mod sign_in;
mod smoke;
mod terminal;
mod tokens;
#[cfg(feature = "dev-idp")]
mod up;
mod xdg;

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
    /// Run MLflow, a development identity provider and the gateway on this machine
    #[cfg(feature = "dev-idp")]
    Up(up::UpCommand),
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
    /// Sign in to a site, so that programs on this machine reach its MLflow
    Login(sign_in::LoginCommand),
    /// Sign out: revoke the refresh token, and forget the session on this machine
    Logout(sign_in::LogoutCommand),
    /// Print a token for MLflow's API, renewed if it is due
    Token(sign_in::TokenCommand),
    /// Show who is signed in to a site
    Whoami(sign_in::WhoamiCommand),
    /// List the sites that you are signed in to
    Status(sign_in::StatusCommand),
}

impl Cli {
    /// Runs the command, and returns its exit code.
    ///
    /// # Errors
    /// With what prevents it, as a chain of causes.
    pub async fn run(self) -> Result<ExitCode> {
        // The settings of a server say how it logs.
        let _log = self
            .command
            .logs()
            .then(|| start_log(&LogSettings::default()));
        match self.command {
            Command::Serve(command) => Box::pin(serve::run(*command))
                .await
                .map(|()| ExitCode::SUCCESS),
            #[cfg(feature = "dev-idp")]
            Command::Up(command) => up::run(&command).await.map(|()| ExitCode::SUCCESS),
            Command::Config(command) => Box::pin(config::run(&command)).await,
            Command::Policy(command) => policy::run(&command),
            Command::Smoke(command) => smoke::run(&command).await,
            Command::Tokens(command) => tokens::run(&command).map(|()| ExitCode::SUCCESS),
            Command::Health(command) => health::run(&command).await.map(|()| ExitCode::SUCCESS),
            Command::Login(command) => Ok(sign_in::login(command).await),
            Command::Logout(command) => Ok(sign_in::logout(command).await),
            Command::Token(command) => Ok(sign_in::token(command).await),
            Command::Whoami(command) => Ok(sign_in::whoami(&command)),
            Command::Status(command) => Ok(sign_in::status(&command)),
        }
    }
}

impl Command {
    /// Whether it logs by the usual settings: those of a server say how, and what
    /// people and programs read of a sign-in is one sentence.
    fn logs(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Policy(_)
            | Self::Smoke(_)
            | Self::Tokens(_)
            | Self::Health(_) => true,
            Self::Serve(_)
            | Self::Login(_)
            | Self::Logout(_)
            | Self::Token(_)
            | Self::Whoami(_)
            | Self::Status(_) => false,
            #[cfg(feature = "dev-idp")]
            Self::Up(_) => false,
        }
    }
}
