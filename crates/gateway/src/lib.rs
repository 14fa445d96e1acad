//! The gateway: serves the shell, checks every request for MLflow, and
//! forwards what is permitted.
//!
//! ```text
//!            /               site         the shell, precompressed
//!  browser   /config.json    site         the configuration
//!  ───────▶  /mlflow/static-files/…       public bundle, compressed and cached;
//!                         site            with the document, if the site has the UI
//!            /mlflow/…       enforce ─▶ policy (core) ─▶ proxy ─▶ MLflow
//!            /mlflow/@dev/…  the same, of several servers the one called dev
//!            /mlflow/@shell/tokens          a token for programs
//!  program   /api/…          enforce ─▶ policy (core) ─▶ proxy ─▶ MLflow
//!            /oauth2/…       exchange     tokens, for a client with a secret
//!            /rendezvous     rendezvous   where a framed sign-in finds its frame
//!            /healthz        liveness
//!            /readyz         readiness
//! ```
//!
//! Which path is which, and who may do what, is decided by `shell-core`.

mod audit;
mod authenticate;
mod bounds;
mod bundle;
mod client;
mod concurrency;
mod discovery;
mod draft;
mod draining;
mod enforce;
mod exchange;
mod fetch;
mod files;
mod graphql;
mod guarded;
mod headers;
mod hosted;
mod issuers;
mod keys;
mod listener;
mod log;
mod look;
mod metrics;
mod own_pages;
mod policy;
mod probe;
mod programs;
mod proxy;
mod ready;
mod refusal;
mod rendezvous;
mod request_id;
mod servers;
pub mod settings;
mod site;
mod smoke;
mod starting;
mod tokens;
mod trace;
mod upstream;
mod watch;
mod workers;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{Method, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use shell_core::{
    intercept::{self, Place},
    policy::server,
    refusal::{Asker, Cause},
};
use tokio::runtime::Handle;
use tower::ServiceExt;

pub use self::{
    audit::Audit,
    draft::{Draft, discover},
    draining::Draining,
    files::Site,
    hosted::check as check_ui,
    listener::{Certificate, CertificateError, listen, raise_connections, serve},
    log::Log,
    look::asked,
    metrics::{Connection, Metrics, serve as serve_metrics},
    policy::LivePolicy,
    settings::{Settings, SettingsError, Upstreams},
    smoke::{Health, Report, Target, health, smoke},
    starting::router_of,
    tokens::{TokenKeys, TokenKeysError},
    trace::{Tracer, TracerError},
    upstream::{ArnError, CredentialsError, Location, SageMaker, SageMakerError, Upstream},
};
use self::{
    bounds::Bounds,
    client::Client,
    concurrency::{Places, Strangers},
    enforce::Caller,
    exchange::Exchange,
    issuers::Issuers,
    ready::Readiness,
    refusal::refuse,
    servers::Servers,
    watch::{Watch, Watching},
};

/// What the handlers share.
#[derive(Debug)]
struct Gateway {
    settings: Settings,
    client: Client,
    issuers: Issuers,
    servers: Servers,
    places: Places,
    strangers: Strangers,
    readiness: Readiness,
    /// Serves MLflow's UI, if the site has it.
    ui: Option<Router>,
}

/// Builds the gateway's router.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use shell_gateway::{
///     Audit, Draining, LivePolicy, Metrics, Settings, TokenKeys, Tracer, Upstreams, router,
///     settings::{Given, TrustedIssuer},
/// };
/// let text = std::fs::read_to_string("config.json")?;
/// let config = shell_core::Config::parse(&text, shell_jose::parse_json)?;
/// let app = router(Settings {
///     issuers: TrustedIssuer::all(&config, None, &[])?,
///     upstreams: Upstreams::new(&config, Some("http://127.0.0.1:5000"))?,
///     policy: LivePolicy::default(),
///     audit: Audit::to(std::io::stdout()),
///     config,
///     site: "dist".into(),
///     given: Given::default(),
///     draining: Draining::default(),
///     token_keys: TokenKeys::draw()?,
///     metrics: Metrics::default(),
///     tracer: Tracer::default(),
/// });
/// # Ok(()) }
/// ```
pub fn router(settings: Settings) -> Router {
    let Settings {
        metrics,
        tracer,
        given,
        ..
    } = settings.clone();
    let watching = Arc::new(Watching {
        metrics: metrics.clone(),
        tracer,
        log: given.log.requests,
    });
    let client = client::new(&settings.given);
    let bounds = Bounds::new(&settings.given, &settings.config);
    let exchange = Exchange::of(&settings, &client);
    let shell = match &exchange {
        None => site::router(&settings, &settings.config),
        Some(exchange) => site::router(&settings, &exchange.tell(&settings.config)),
    };
    let rendezvous = rendezvous::router(&settings.config.origin);
    let gateway = Arc::new(Gateway {
        issuers: Issuers::new(&settings.issuers, &client, &metrics),
        servers: Servers::new(&settings.upstreams),
        places: Places::new(&given.limits),
        strangers: Strangers::new(&given.limits),
        ui: settings.config.ui.is_some().then(|| shell.clone()),
        client,
        readiness: Readiness::default(),
        settings,
    });
    gateway.begin();
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(ready::answer))
        .route("/mlflow", axum::routing::any(mlflow))
        .route("/mlflow/{*path}", axum::routing::any(mlflow))
        .route("/mlflow/", axum::routing::any(mlflow))
        .route("/api/{*path}", axum::routing::any(mlflow))
        .route("/{server}/api/{*path}", axum::routing::any(mlflow))
        .merge(beside_the_api())
        .with_state(gateway)
        .merge(rendezvous)
        .merge(exchange.map(exchange::router).unwrap_or_default())
        .fallback_service(shell)
        .layer(middleware::from_fn(headers::refuse_stray_workers))
        .layer(middleware::from_fn_with_state(bounds, bounds::hold))
        .layer(middleware::from_fn_with_state(watching, watch::over))
        .layer(middleware::from_fn(request_id::assign))
}

impl Gateway {
    /// What goes on whether or not anybody asks.
    fn begin(self: &Arc<Self>) {
        let places = self.places.clone();
        self.settings.metrics.before_reading(move |gauges| {
            let (under_way, waiting) = places.taken();
            gauges.places(under_way, waiting);
        });
        // There is none where a router is only described.
        if let Ok(runtime) = Handle::try_current() {
            self.issuers.load_ahead(&runtime);
        }
    }
}

/// What MLflow's client asks for beside the API, of each server.
fn beside_the_api() -> Router<Arc<Gateway>> {
    programs::BESIDE.iter().fold(Router::new(), |router, path| {
        let named = format!("/{{server}}{path}");
        let nameless = move |gateway, request| beside(gateway, None, path, request);
        let on_server = move |gateway, Path(server): Path<String>, request| {
            beside(gateway, Some(server), path, request)
        };
        router
            .route(path, axum::routing::any(nameless))
            .route(&named, axum::routing::any(on_server))
    })
}

async fn beside(
    State(gateway): State<Arc<Gateway>>,
    server: Option<String>,
    path: &str,
    request: Request,
) -> Response {
    let name = server.as_deref().map(|server| server.strip_prefix('@'));
    let answer = match name {
        Some(None) => Err(nowhere()),
        named => enforce::answer(&gateway, Caller::Program, named.flatten(), path, request).await,
    };
    let name = name.flatten();
    answer.unwrap_or_else(|cause| refuse(&gateway.settings.config, &cause, Asker::Script, name))
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// Everything of MLflow's: forwarded with a permit, or refused.
async fn mlflow(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(site) = &gateway.ui
        && hosted::has(request.method(), &path)
    {
        let Ok(answer) = site.clone().oneshot(request).await;
        return answer;
    }
    let asker = headers::asker(request.headers());
    let (asker, server, answer) = match intercept::place(&path) {
        Place::StaticFile(name, file) if is_read(request.method()) => {
            (asker, name, public(&gateway, name, file, request).await)
        }
        Place::StaticFile(name, rest) | Place::Upstream(name, rest) => {
            let answer = enforce::answer(&gateway, Caller::Page, name, rest, request).await;
            (asker, name, answer)
        }
        Place::Program(name, rest) => {
            let answer = enforce::answer(&gateway, Caller::Program, name, rest, request).await;
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
    server(&gateway.settings.config.upstreams, name)?;
    let server = gateway.servers.named(name)?;
    let watch = Watch::of(request.extensions());
    let file_place = gateway.strangers.file().await;
    let _place = file_place.map_err(|why| watch.shed(why))?;
    bundle::serve(&gateway.client, server, file, &request.into_parts().0).await
}

fn nowhere() -> Cause {
    Cause::not_here("This address leads to no MLflow server of this site.".to_owned())
}

fn is_read(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}
