//! `mlflow-shell`: the gateway as one binary, and what explains its policy.
//!
//! ```text
//! mlflow-shell serve --config config.json --upstream http://127.0.0.1:5000 --site dist
//! mlflow-shell policy explain --group readers POST /ajax-api/2.0/mlflow/runs/create
//! ```

mod commands;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use commands::{
    policy::{self, Policy},
    serve::{self, Serve},
};

/// Puts MLflow behind a login.
#[derive(Debug, Parser)]
#[command(name = "mlflow-shell", version)]
enum Cli {
    /// Serves the shell and forwards to MLflow what is permitted.
    Serve(Box<Serve>),
    /// Checks and explains who may do what.
    Policy(Policy),
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse() {
        Cli::Serve(serve) => serve::run(*serve).await.map(|()| ExitCode::SUCCESS),
        Cli::Policy(policy) => policy::run(&policy),
    }
}
