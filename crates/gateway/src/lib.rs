//! The gateway: serves the shell, checks every request for MLflow, and
//! forwards what is permitted.
//!
//! ```text
//!            /               site         the shell, precompressed
//!  browser   /config.json    site         the configuration
//!  ───────▶  /mlflow/static-files/…       public bundle, compressed and cached
//!            /mlflow/…       authenticate ─▶ admit (core) ─▶ proxy ─▶ MLflow
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
mod proxy;
mod refusal;
mod rendezvous;
mod request_id;
mod settings;
mod site;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use http_body_util::{BodyExt, Limited};
use shell_core::{
    intercept::{self, Place},
    policy::{self, Permit},
    refusal::Cause,
    ui::UiVersion,
};
use tokio::sync::OnceCell;

pub use self::settings::{Settings, SettingsError, Upstream};
use self::{bundle::Bundle, client::Client, keys::Keys, refusal::refuse};

/// What the handlers share.
#[derive(Debug)]
struct Gateway {
    settings: Settings,
    client: Client,
    keys: Arc<Keys>,
    bundle: Bundle,
    version: OnceCell<UiVersion>,
}

/// Builds the gateway's router.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use shell_gateway::{Settings, Upstream, router};
/// let text = std::fs::read_to_string("config.json")?;
/// let config = shell_core::Config::parse(&text, shell_jose::parse_json)?;
/// let app = router(Settings {
///     jwks_url: Settings::default_jwks_url(&config),
///     config,
///     upstream: Upstream::parse("http://127.0.0.1:5000")?,
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
        bundle: Bundle::default(),
        version: OnceCell::new(),
        client,
        settings,
    });
    Router::new()
        .route("/healthz", get(healthz))
        .route("/mlflow", axum::routing::any(mlflow))
        .route("/mlflow/{*path}", axum::routing::any(mlflow))
        .route("/mlflow/", axum::routing::any(mlflow))
        .with_state(gateway)
        .merge(rendezvous)
        .fallback_service(shell)
        .layer(middleware::from_fn(headers::refuse_stray_workers))
        .layer(middleware::from_fn(request_id::assign))
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// Everything below `/mlflow`: forwarded with a permit, or refused.
async fn mlflow(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    match intercept::place(&path) {
        Place::StaticFile(file) if is_read(request.method()) => {
            bundle::serve(&gateway, file, &request.into_parts().0).await
        }
        Place::StaticFile(rest) | Place::Upstream(rest) => {
            let asker = headers::asker(request.headers());
            match permitted(&gateway, rest, request).await {
                Ok(response) => response,
                Err(cause) => refuse(&gateway.settings.config, &cause, asker),
            }
        }
        Place::Shell => axum::http::StatusCode::NOT_FOUND.into_response(),
    }
}

async fn permitted(gateway: &Gateway, rest: &str, request: Request) -> Result<Response, Cause> {
    match permit(gateway, request.headers()).await {
        Ok(permit) => proxy::forward(gateway, permit, rest, request).await,
        Err(cause) => {
            drain(request.into_body()).await;
            Err(cause)
        }
    }
}

async fn permit(gateway: &Gateway, headers: &HeaderMap) -> Result<Permit, Cause> {
    let claims = authenticate::claims(gateway, headers).await?;
    policy::admit(&claims).map_err(|denial| Cause::Denied(denial.to_string()))
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
