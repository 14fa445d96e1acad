//! `mlflow-shell config discover`

use anyhow::{Error, Result};
use clap::Args;
use shell_gateway::discover_config;

/// The issuer and the site.
#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// The issuer, exactly as in the `iss` claim of its tokens
    issuer: String,
    /// The app client's id at the issuer
    #[arg(long, value_name = "NAME")]
    client_id: String,
    /// The URL at which people open the shell
    #[arg(long, value_name = "URL")]
    origin: String,
}

/// The configuration, which has been checked.
///
/// # Errors
/// If the issuer does not answer, or not as one that people can sign in at.
pub(super) async fn report(options: &Discover) -> Result<String> {
    let Discover {
        issuer,
        client_id,
        origin,
    } = options;
    let config = discover_config(issuer, client_id, origin).await;
    Ok(format!("{:#}\n", config.map_err(Error::msg)?))
}
