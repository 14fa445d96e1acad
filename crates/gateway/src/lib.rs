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
mod content_policy;
mod discovery;
mod draft;
mod draining;
mod enforce;
mod exchange;
mod fetch;
mod files;
mod front;
mod graphql;
mod guarded;
mod headers;
mod hosted;
mod initiator;
mod issuers;
mod keys;
mod listener;
mod log;
mod look;
mod metrics;
mod mlflow;
mod own_pages;
mod parsers;
mod policy;
mod probe;
mod programs;
mod proxy;
mod rate_limit;
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

use axum::{Router, routing::get};
use tokio::runtime::Handle;

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
    exchange::Exchange,
    front::Front,
    issuers::Issuers,
    parsers::Parsers,
    rate_limit::RateLimits,
    ready::Readiness,
    servers::Servers,
    watch::Watching,
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
    parsers: Parsers,
    readiness: Readiness,
    rates: RateLimits,
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
/// let config = shell_core::Config::parse(&text)?;
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
    let rates = RateLimits::new(&given.limits);
    let rendezvous = rendezvous::router(&settings.config, &rates);
    let exchange = exchange.map(|exchange| exchange::router(exchange, rates.tokens.clone()));
    let gateway = Arc::new(Gateway {
        issuers: Issuers::new(&settings.issuers, &client, &metrics),
        servers: Servers::new(&settings.upstreams),
        places: Places::new(&given.limits),
        strangers: Strangers::new(&given.limits),
        parsers: Parsers::default(),
        ui: settings.config.ui.is_some().then(|| shell.clone()),
        client,
        rates,
        readiness: Readiness::default(),
        settings,
    });
    gateway.begin();
    let others = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(ready::answer))
        .merge(mlflow::beside_the_api())
        .with_state(gateway.clone())
        .merge(rendezvous)
        .merge(exchange.unwrap_or_default())
        .fallback_service(shell);
    front::router(Front {
        gateway,
        bounds,
        watching,
        others,
    })
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

async fn healthz() -> &'static str {
    "ok\n"
}
