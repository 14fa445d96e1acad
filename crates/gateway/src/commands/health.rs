//! `mlflow-shell health`: for container images, which have no other program.

use anyhow::{Result, anyhow};
use clap::Args;

/// Asks a gateway whether it lives, or is ready.
#[derive(Debug, Args)]
pub(crate) struct Health {
    /// Where the gateway listens.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Asks whether it is ready, which takes the issuer's keys and an MLflow
    /// server that answers.
    #[arg(long)]
    ready: bool,
}

/// Succeeds if the gateway answers.
///
/// # Errors
/// If it does not, with what it does instead.
pub(crate) async fn run(health: &Health) -> Result<()> {
    let asked = if health.ready {
        shell_gateway::Health::Ready
    } else {
        shell_gateway::Health::Lives
    };
    let well = shell_gateway::health(&health.url, asked).await;
    well.map_err(|why| anyhow!(why))
}
