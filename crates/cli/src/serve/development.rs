//! The gateway with the development provider, on one machine.

use std::net::SocketAddr;

use anyhow::{Context, Error, Result, ensure};
use serde_json::json;
use shell_core::{Config, Origin, algorithm::Algorithms, config};
use shell_gateway::{
    PendingConfig,
    settings::{BearerKind, IssuerSettings},
};
use shell_idp::{Clock, DEVELOPMENT_READER, DEVELOPMENT_WRITER, Keys, Provider, Settings};

use crate::assemble::Running;

/// Seconds a token for programs lives: a working day.
const TOKEN_LIFETIME: u64 = 12 * 60 * 60;

/// Where a sign-in from a terminal returns to. Like Cognito the provider compares it
/// letter by letter, so it has a port.
const TERMINAL_REDIRECT: &str = "http://localhost:8765/callback";

/// Starts the provider on `address`, for a shell served on `listen`.
pub(crate) async fn start(
    listen: SocketAddr,
    origin: Option<&str>,
    address: SocketAddr,
) -> Result<(PendingConfig, Running)> {
    ensure!(
        listen.ip().is_loopback() && address.ip().is_loopback(),
        "the development provider serves this machine only: --listen and --dev-idp must be \
         loopback addresses such as 127.0.0.1:8080"
    );
    let origin = match origin {
        Some(text) => parse(text).context("--origin")?,
        None => parse(&format!("http://localhost:{}", listen.port()))?,
    };
    let base = parse(&format!("http://localhost:{}", address.port()))?;
    let mut settings = Settings::new(base.clone(), &origin);
    settings.redirect_uris.push(TERMINAL_REDIRECT.to_owned());
    let config = Config {
        origin,
        provider: config::Provider {
            endpoints: config::Endpoints::of_cognito(&base),
            groups: config::Groups::default(),
            algorithms: Algorithms::default(),
            clock_leeway: config::CLOCK_LEEWAY,
            name_claims: config::NameClaims::default(),
            domain: base,
            issuer: settings.issuer(),
            client_id: settings.client_id.clone(),
            scopes: settings.scopes.clone(),
            via_gateway: false,
            post_id_token_at_logout: false,
        },
        bearer: config::Bearer::default(),
        session: config::Session::default(),
        frame_ancestors: Vec::new(),
        bar: config::Bar::default(),
        python: Some(config::Python::Token {
            lifetime: TOKEN_LIFETIME,
            sign_in: Some(config::SignIn {
                client_id: None,
                redirect_uri: Some(TERMINAL_REDIRECT.to_owned()),
            }),
        }),
        upstreams: Vec::new(),
        api: None,
        ui: None,
        artifacts: config::Artifacts::default(),
        roles: config::Role::built_in(),
    };
    // What is configured in code is held to the same rules as a file.
    let pending = PendingConfig::read(&serde_json::to_string(&config)?).map_err(Error::msg)?;

    let listeners = shell_idp::listen(address.port())
        .await
        .with_context(|| format!("cannot listen on {address} (--dev-idp)"))?;
    let provider = Provider::new(settings, Keys::generate()?, Clock::system())?;
    Ok((pending, Box::pin(serve(listeners, provider))))
}

/// Admits the development provider's machines, each with what its scopes say.
pub(crate) fn machines(pending: &PendingConfig) -> IssuerSettings {
    IssuerSettings {
        issuer: pending.config().provider.issuer.clone(),
        client_ids: [DEVELOPMENT_READER, DEVELOPMENT_WRITER]
            .map(String::from)
            .to_vec(),
        audiences: Vec::new(),
        bearer: BearerKind::Access,
        jwks: None,
        groups: json!([
            { "claim": "scope", "value": "mlflow/read", "group": "readers" },
            { "claim": "scope", "value": "mlflow/write", "group": "admins" },
        ]),
        algorithms: Vec::new(),
        name_claims: Vec::new(),
    }
}

async fn serve(listeners: Vec<tokio::net::TcpListener>, provider: Provider) -> Result<()> {
    let mut running = tokio::task::JoinSet::new();
    for listener in listeners {
        running.spawn(shell_idp::serve(listener, provider.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

fn parse(text: &str) -> Result<Origin> {
    Origin::parse(text).map_err(|error| anyhow::anyhow!("`{text}` {error}"))
}
