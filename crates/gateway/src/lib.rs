//! The gateway: serves the shell, checks every request for MLflow, and
//! forwards what is permitted.
//!
//! ```text
//!            /               site         the shell, precompressed
//!  browser   /config.json    site         the configuration
//!  ───────▶  /mlflow/static-files/…       public bundle, compressed and cached
//!            /mlflow/…       authenticate ─▶ admit (core) ─▶ proxy ─▶ MLflow
//!            /mlflow/@dev/…  the same, of several servers the one called dev
//!            /mlflow/@shell/tokens          a token for programs
//!  program   /api/…          programs     ─▶ admit (core) ─▶ proxy ─▶ MLflow
//!            /rendezvous     rendezvous   where a framed sign-in finds its frame
//!            /healthz        liveness
//! ```
//!
//! Which path is which, and who is admitted, is decided by `shell-core`.

mod authenticate;
mod bundle;
mod client;
mod headers;
mod keys;
mod probe;
mod programs;
mod proxy;
mod refusal;
mod rendezvous;
mod request_id;
mod servers;
mod settings;
mod site;
mod tokens;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use http_body_util::{BodyExt, Limited};
use shell_core::{
    intercept::{self, Place},
    policy::{self, Permit},
    refusal::{Asker, Cause},
};

pub use self::settings::{Settings, SettingsError, Upstream, Upstreams};
use self::{client::Client, keys::Keys, refusal::refuse, servers::Servers, tokens::Tokens};

/// What the handlers share.
#[derive(Debug)]
struct Gateway {
    settings: Settings,
    client: Client,
    keys: Arc<Keys>,
    servers: Servers,
    tokens: Tokens,
}

/// Builds the gateway's router.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use shell_gateway::{Settings, Upstreams, router};
/// let text = std::fs::read_to_string("config.json")?;
/// let config = shell_core::Config::parse(&text, shell_jose::parse_json)?;
/// let app = router(Settings {
///     jwks_url: Settings::default_jwks_url(&config),
///     upstreams: Upstreams::new(&config, Some("http://127.0.0.1:5000"))?,
///     config,
///     site: "dist".into(),
/// });
/// # Ok(()) }
/// ```
pub fn router(settings: Settings) -> Router {
    let client = client::new();
    let shell = site::router(&settings);
    let rendezvous = rendezvous::router(&settings.config.origin);
    let gateway = Arc::new(Gateway {
        keys: Arc::new(Keys::new(settings.jwks_url.clone(), client.clone())),
        servers: Servers::new(&settings.upstreams),
        tokens: Tokens::default(),
        client,
        settings,
    });
    Router::new()
        .route("/healthz", get(healthz))
        .route("/mlflow", axum::routing::any(mlflow))
        .route("/mlflow/{*path}", axum::routing::any(mlflow))
        .route("/mlflow/", axum::routing::any(mlflow))
        .route("/api/{*path}", axum::routing::any(mlflow))
        .route("/{server}/api/{*path}", axum::routing::any(mlflow))
        .with_state(gateway)
        .merge(rendezvous)
        .fallback_service(shell)
        .layer(middleware::from_fn(headers::refuse_stray_workers))
        .layer(middleware::from_fn(request_id::assign))
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// Everything of MLflow's: forwarded with a permit, or refused.
async fn mlflow(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let asker = headers::asker(request.headers());
    let (asker, server, answer) = match intercept::place(&path) {
        Place::StaticFile(name, file) if is_read(request.method()) => {
            (asker, name, public(&gateway, name, file, request).await)
        }
        Place::StaticFile(name, rest) | Place::Upstream(name, rest) => {
            let permit = permit(&gateway, name, request.headers()).await;
            (asker, name, spend(&gateway, permit, rest, request).await)
        }
        Place::Program(name, rest) => {
            let permit = programs::permit(&gateway, name, request.headers()).await;
            let answer = spend(&gateway, permit, rest, request).await;
            (Asker::Script, name, answer)
        }
        Place::Tokens => {
            let answer = programs::issue(&gateway, request).await;
            (Asker::Script, None, answer)
        }
        Place::Nowhere => (asker, None, Err(nowhere())),
        Place::Shell => return StatusCode::NOT_FOUND.into_response(),
    };
    answer.unwrap_or_else(|cause| refuse(&gateway.settings.config, &cause, asker, server))
}

async fn public(
    gateway: &Gateway,
    name: Option<&str>,
    file: &str,
    request: Request,
) -> Result<Response, Cause> {
    policy::server(&gateway.settings.config.upstreams, name)?;
    let server = gateway.servers.named(name)?;
    bundle::serve(&gateway.client, server, file, &request.into_parts().0).await
}

/// Leave for the request of a page. What is not here is not even verified.
async fn permit(
    gateway: &Gateway,
    name: Option<&str>,
    headers: &HeaderMap,
) -> Result<Permit, Cause> {
    let server = policy::server(&gateway.settings.config.upstreams, name)?;
    let claims = authenticate::claims(gateway, headers).await?;
    policy::admit_to(server, &claims)
}

async fn spend(
    gateway: &Gateway,
    permit: Result<Permit, Cause>,
    rest: &str,
    request: Request,
) -> Result<Response, Cause> {
    match permit {
        Ok(permit) => proxy::forward(gateway, permit, rest, request).await,
        Err(cause) => {
            drain(request.into_body()).await;
            Err(cause)
        }
    }
}

fn nowhere() -> Cause {
    Cause::NotHere("This address leads to no MLflow server of this site.".to_owned())
}

/// The most that is read of the body of a refused request, in bytes.
const DRAINED: usize = 64 * 1024 * 1024;

/// How long that may take.
const DRAINING: Duration = Duration::from_secs(30);

/// Reads a body to its end and keeps nothing of it. A browser that is answered
/// while it is still sending may see a broken connection instead of the 401
/// after which the worker would renew the token and send the request again.
async fn drain(body: Body) {
    let mut body = Limited::new(body, DRAINED);
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever is slower than that sees the connection close.
    let _ = tokio::time::timeout(DRAINING, all).await;
}

fn is_read(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}
