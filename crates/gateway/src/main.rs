//! `mlflow-shell`: the gateway as one binary.
//!
//! ```text
//! mlflow-shell serve --config config.json --upstream http://127.0.0.1:5000 --site dist
//! ```

mod commands;

use anyhow::Result;
use clap::Parser;

use commands::serve::{self, Serve};

/// Puts MLflow behind a login.
#[derive(Debug, Parser)]
#[command(name = "mlflow-shell", version)]
enum Cli {
    /// Serves the shell and forwards to MLflow what is permitted.
    Serve(Box<Serve>),
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse() {
        Cli::Serve(serve) => serve::run(*serve).await,
    }
}
