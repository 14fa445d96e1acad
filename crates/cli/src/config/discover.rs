//! `mlflow-shell config discover`

use std::path::PathBuf;

use anyhow::{Error, Result};
use clap::Args;
use shell_gateway::{Network, discover_config, settings::TrustSettings};

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
    /// PEM file with further certificate authorities
    #[arg(long, value_name = "FILE", env = "MLFLOW_SHELL_TRUST__CA_FILE")]
    ca_file: Option<PathBuf>,
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
        ca_file,
    } = options;
    let ca_file = ca_file.clone();
    let network = Network::load(&TrustSettings::of_ca_file(ca_file))?;
    let config = discover_config(issuer, client_id, origin, &network).await;
    Ok(format!("{:#}\n", config.map_err(Error::msg)?))
}
