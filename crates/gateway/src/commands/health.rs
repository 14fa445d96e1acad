//! `mlflow-shell health`: for container images, which have no other program.

use anyhow::{Result, anyhow};
use clap::Args;

/// Asks a gateway whether it lives.
#[derive(Debug, Args)]
pub(crate) struct Health {
    /// Where the gateway listens.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
}

/// Succeeds if the gateway answers.
///
/// # Errors
/// If it does not, with what it does instead.
pub(crate) async fn run(health: &Health) -> Result<()> {
    let lives = shell_gateway::health(&health.url).await;
    lives.map_err(|why| anyhow!(why))
}
