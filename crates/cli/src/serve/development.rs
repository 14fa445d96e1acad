//! The gateway with the development provider, on one machine.

use std::net::SocketAddr;

use anyhow::{Context, Error, Result, anyhow, ensure};
use serde_json::{Value, json};
use shell_core::Origin;
use shell_gateway::{
    PendingConfig,
    settings::{BearerKind, IssuerSettings},
};
use shell_idp::{Clock, DEVELOPMENT_READER, DEVELOPMENT_WRITER, Keys, Provider, Settings};

use crate::assemble::{Document, Running};

/// Seconds a token for programs lives: a working day.
const TOKEN_LIFETIME: u64 = 12 * 60 * 60;

/// Where a sign-in from a terminal returns to. Like Cognito the provider compares it
/// letter by letter, so it has a port.
const TERMINAL_REDIRECT: &str = "http://localhost:8765/callback";

/// Starts the provider on `address`, for a shell served on `listen`. The rest of the
/// configuration is the given one, if there is one.
///
/// # Errors
/// If people elsewhere could reach it, the configuration is wrong, or the address is
/// taken.
pub(crate) async fn start(
    listen: SocketAddr,
    origin: Option<&str>,
    address: SocketAddr,
    given: Option<&Document>,
) -> Result<(PendingConfig, Running)> {
    let origin = match origin {
        Some(text) => parse(text).context("--origin")?,
        None => parse(&format!("http://localhost:{}", listen.port()))?,
    };
    ensure!(
        listen.ip().is_loopback() && address.ip().is_loopback() && origin.is_loopback(),
        "the development provider, whose password is public, serves this machine only: --listen \
         and --dev-idp must be loopback addresses such as 127.0.0.1:8080, and --origin a URL of \
         this machine such as http://localhost:8080"
    );
    let base = parse(&format!("http://localhost:{}", address.port()))?;
    let mut settings = Settings::new(base, &origin);
    settings.redirect_uris.push(TERMINAL_REDIRECT.to_owned());
    let document = document(given, &origin, &settings)?;
    // What is configured in code is held to the same rules as a file.
    let pending = PendingConfig::read(&document).map_err(Error::msg)?;

    let listeners = shell_idp::listen(address.port())
        .await
        .with_context(|| format!("cannot listen on {address} (--dev-idp)"))?;
    let provider = Provider::new(settings, Keys::generate()?, Clock::system())?;
    Ok((pending, Box::pin(serve(listeners, provider))))
}

/// The given configuration with this origin, and this provider in place of its own.
fn document(given: Option<&Document>, origin: &Origin, provider: &Settings) -> Result<String> {
    let mut document = match given {
        Some(given) => read(given)?,
        None => json!({
            "python": {
                "access": "token",
                "lifetime": TOKEN_LIFETIME,
                "sign_in": { "redirect_uri": TERMINAL_REDIRECT },
            },
        }),
    };
    document["origin"] = json!(origin.as_str());
    document["provider"] = json!({
        "domain": provider.base.as_str(),
        "issuer": provider.issuer(),
        "client_id": provider.client_id,
        "scopes": provider.scopes,
    });
    Ok(document.to_string())
}

fn read(given: &Document) -> Result<Value> {
    let Document { text, name, .. } = given;
    let document = shell_core::json::parse(text);
    let document: Value = document.map_err(|error| anyhow!("{name}: {error}"))?;
    ensure!(document.is_object(), "{name} is no JSON object");
    if document.get("provider").is_some() {
        tracing::info!("`provider` and `origin` of {name} are not used: --dev-idp");
    }
    Ok(document)
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
