//! The deployment on AWS: files and an API behind one distribution, or on an
//! origin each, and no gateway of ours anywhere.
//!
//! ```text
//!  browser ──▶ CloudFront ──▶ files: the shell, and MLflow's released UI
//!                  └────────▶ API Gateway ──▶ MLflow
//!                                  └────────▶ authorizer ──▶ provider (its keys)
//! ```

use std::process::Command;

use anyhow::Result;
use axum::Router;
use serde_json::Value;
use shell_core::{Config, policy::Policy};
use shell_gateway::{Components, settings::TrustedIssuer};
use tokio::sync::Mutex;

use crate::{
    api_gateway::{Api, ApiGateway, Function, STAGE},
    cdn::{self, Site},
    deployment_spec::{DeploymentSpec, Hosting},
    environment,
    lambda::Lambda,
    record::{Recipient, Recorder},
    server::Server,
    upstream,
};

/// The API of a deployment on AWS.
#[derive(Debug)]
pub struct AwsApi {
    /// Serves the API.
    pub server: Server,
    /// What the API does; only once it is served.
    pub gateway: ApiGateway,
}

/// Writes into `config.json` what it says of this hosting, with the API at
/// `server`.
pub(crate) fn configure(config: &mut Value, hosting: Hosting, server: &Server) {
    if hosting != Hosting::Gateway {
        let (version, _) = environment::ui();
        config["ui"] = version.into();
    }
    if hosting == Hosting::TwoOrigins {
        let origin = server.foreign_origin();
        config["api"] = format!("{origin}/{STAGE}/mlflow").into();
    }
}

/// Serves the API for `mlflow` at `server`, and returns it with what serves the
/// site.
pub(crate) async fn start(
    spec: &DeploymentSpec,
    settings: &Components,
    mlflow: &Server,
    server: Server,
    record: &Recorder,
) -> Result<(Router, AwsApi)> {
    let config = &settings.config;
    let command = authorizer(
        spec,
        config,
        &TrustedIssuer::default_jwks_url(config).to_string(),
    );
    let lambda = Lambda::start(|_| command, None).await?;
    let function = Function::Program(Mutex::new(lambda));
    let api = Api::of(&mlflow.origin(), config.origin.as_str());
    let gateway = ApiGateway::new(api, function);
    let router = gateway
        .router()
        .layer(axum::middleware::from_fn(upstream::tell_bearer));
    server.serve(record.around(router, Recipient::Api));

    let api = format!("{}/{STAGE}", server.origin());
    let api = (spec.hosting == Hosting::OneOrigin).then_some(api);
    let shell = spec.site.clone().unwrap_or_else(environment::site);
    let (_, ui) = environment::ui();
    let files = Site::new(shell, ui, told(spec, config)?);
    let site = cdn::router(files, api.as_deref());
    Ok((site, AwsApi { server, gateway }))
}

/// The configuration as it is written: what pages say of a group is what the
/// policy lets its members do.
fn told(spec: &DeploymentSpec, config: &Config) -> Result<Config> {
    let mut config = config.clone();
    if let Some(document) = &spec.policy {
        config.roles = Policy::parse(document)?.roles();
    }
    Ok(config)
}

fn authorizer(spec: &DeploymentSpec, config: &Config, jwks_url: &str) -> Command {
    let provider = &config.provider;
    let mut command = Command::new(environment::authorizer());
    command
        .env_clear()
        .env("ISSUER", &provider.issuer)
        .env("CLIENT_ID", &provider.client_id)
        .env("JWKS_URL", jwks_url);
    if let Some(document) = &spec.policy {
        command.env("POLICY", document);
    }
    command
}
