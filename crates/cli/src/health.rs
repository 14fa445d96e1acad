//! `mlflow-shell health`: the health check of container images, which have no other
//! program.

use anyhow::{Result, anyhow};
use clap::Args;

use crate::checks::{self, HealthQuery};

/// Ask a running gateway whether it is alive or ready
#[derive(Debug, Args)]
pub(crate) struct HealthCommand {
    /// The gateway's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Ask whether it is ready: the issuers' keys are loaded, and an MLflow server
    /// answers
    #[arg(long)]
    ready: bool,
}

/// Succeeds if the gateway answers.
///
/// # Errors
/// If it does not, with what it does instead.
pub(crate) async fn run(health: &HealthCommand) -> Result<()> {
    let asked = if health.ready {
        HealthQuery::Ready
    } else {
        HealthQuery::Lives
    };
    let well = checks::health(&health.url, asked).await;
    well.map_err(|why| anyhow!(why))
}
