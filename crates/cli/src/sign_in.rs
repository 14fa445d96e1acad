//! Signing in from a terminal, and tokens for programs on this machine.
//!
//! ```text
//!  login ──▶ site, client ─┬▶ loopback_redirect, browser ─┐
//!                          ├▶ pasted_code                 ├▶ session_store ◀─┐
//!                          └▶ device_authorization ───────┘   (keyring, file)│
//!  token ──▶ renewal ────────────────────────────────────────────────────────┤
//!        └─▶ machine ──▶ a file of this login session                        │
//!  whoami, status, logout ───────────────────────────────────────────────────┘
//! ```
//!
//! What is asked and what may be believed is decided by `shell_core::oauth`. Only
//! `token` ever prints a token, and nothing logs one.

mod browser;
mod client;
mod device_authorization;
mod failure;
mod lock;
mod login;
mod logout;
mod loopback_redirect;
mod machine;
mod pasted_code;
mod renewal;
mod report;
mod session_store;
mod site;
mod state_folder;
mod token;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use shell_gateway::{Network, settings::TrustSettings};

use crate::terminal::printable_lines;

use self::{
    client::Client,
    failure::{Failure, FailureResult},
};
pub(crate) use self::{
    login::LoginCommand,
    logout::LogoutCommand,
    report::{StatusCommand, WhoamiCommand},
    token::TokenCommand,
};

/// Which site, and how it is reached.
#[derive(Debug, Args)]
struct SiteOptions {
    /// The URL at which people open the shell, or one below it [default:
    /// `MLFLOW_TRACKING_URI`, or the only site that you are signed in to]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// PEM file with further certificate authorities, as `trust.ca_file`
    #[arg(long, value_name = "FILE", env = "MLFLOW_SHELL_TRUST__CA_FILE")]
    ca_file: Option<PathBuf>,
}

impl SiteOptions {
    /// What asks the site and its provider.
    fn client(&self) -> FailureResult<Client> {
        let ca_file = self.ca_file.clone();
        let network = Network::load(&TrustSettings::of_ca_file(ca_file));
        Ok(Client::new(&network.map_err(Failure::other)?))
    }
}

/// Signs in.
pub(crate) async fn login(command: LoginCommand) -> ExitCode {
    exit(login::run(command).await)
}

/// Signs out.
pub(crate) async fn logout(command: LogoutCommand) -> ExitCode {
    exit(logout::run(&command).await)
}

/// Prints who is signed in.
pub(crate) fn whoami(command: &WhoamiCommand) -> ExitCode {
    exit(report::whoami(command))
}

/// Prints the sessions.
pub(crate) fn status(command: &StatusCommand) -> ExitCode {
    exit(report::status(command))
}

/// Prints a token.
pub(crate) async fn token(command: TokenCommand) -> ExitCode {
    exit(token::run(&command).await)
}

/// Says on standard error what went wrong.
fn exit(result: FailureResult<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mlflow-shell: {}", printable_lines(&failure.to_string()));
            failure.exit_code()
        }
    }
}
