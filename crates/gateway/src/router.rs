//! The router: what every request passes, and which handler answers it.
//!
//! ```text
//!  request id ─▶ telemetry ─▶ request limits ─▶ worker script? ─┬▶ routes/mlflow
//!                                                               └▶ own routes, site
//! ```
//!
//! This is one function and not four layers of a router: each of those puts the
//! request, and all that waits for its response, in boxes of their own, which took
//! a tenth of what a small request costs.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shell_core::{
    hosting::STRICT_TRANSPORT_SECURITY,
    intercept::{self, RouteTarget},
};
use tokio::runtime::Handle;
use tower::{ServiceExt, service_fn};

use crate::{
    auth::{AuthState, api_access::ApiAccess, issuers::Issuers, resource_lookup::ResourceLookup},
    components::Components,
    http_client::HttpClient,
    inspection::parser_pool::ParserPool,
    middleware::{
        anonymous_limits::AnonymousLimits, concurrency::ConcurrencyLimiter, rate_limit::RateLimits,
        request_limits::RequestLimits,
    },
    pipeline::Pipeline,
    proxy::{Proxy, headers},
    routes::{
        health::{self, Readiness},
        mlflow::MlflowRoutes,
        rendezvous,
        token_proxy::{self, TokenProxy},
    },
    site,
    telemetry::{
        metrics::Metrics,
        request::{TelemetrySinks, observe},
        request_id,
    },
};

/// `Strict-Transport-Security` of every response of an `https` site, even if a
/// proxy in front of the gateway terminates TLS.
const HSTS: HeaderValue = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY.1);

/// What every request passes.
#[derive(Debug)]
struct Dispatcher {
    telemetry: Arc<TelemetrySinks>,
    limits: RequestLimits,
    mlflow: MlflowRoutes,
    /// What answers requests that are not for MLflow.
    own_routes: Router,
    insists_on_tls: bool,
}

/// Builds the gateway's router.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use shell_gateway::{
///     Audit, Components, Draining, LivePolicy, Metrics, Network, TokenKeys, Tracer, Upstreams, router,
///     settings::{Settings, TrustedIssuer},
/// };
/// let text = std::fs::read_to_string("config.json")?;
/// let config = shell_core::Config::parse(&text)?;
/// let app = router(Components {
///     issuers: TrustedIssuer::all(&config, None, &[])?,
///     upstreams: Upstreams::new(&config, Some("http://127.0.0.1:5000"))?,
///     policy: LivePolicy::default(),
///     audit: Audit::to(std::io::stdout()),
///     config,
///     site: "dist".into(),
///     settings: Settings::default(),
///     network: Network::default(),
///     draining: Draining::default(),
///     token_keys: TokenKeys::draw()?,
///     metrics: Metrics::default(),
///     tracer: Tracer::default(),
/// });
/// # Ok(()) }
/// ```
pub fn router(components: Components) -> Router {
    let dispatcher = Arc::new(Dispatcher::new(components));
    Router::new().fallback_service(service_fn(move |request| {
        let dispatcher = dispatcher.clone();
        async move { Ok::<_, Infallible>(dispatcher.respond(request).await) }
    }))
}

impl Dispatcher {
    fn new(components: Components) -> Self {
        let (config, settings) = (&components.config, &components.settings);
        let client = HttpClient::new(settings, &components.network);
        let rates = RateLimits::new(&settings.limits, &settings.trust.proxies);
        let issuers = Arc::new(Issuers::new(
            &components.issuers,
            &client,
            &components.metrics,
        ));
        preload_keys(&issuers);
        let mlflow = HttpClient::new(settings, &components.network.direct());
        let proxy = Arc::new(Proxy::new(mlflow, &components.upstreams, config));
        let token_proxy =
            TokenProxy::new(config, &settings.client, &components.token_keys, &client);
        warn_of_drawn_keys(&components);
        let page_config = match &token_proxy {
            Some(proxy) => proxy.rewrite_config(config),
            None => config.clone(),
        };
        let site = site::router(&components.site, &components.policy, &page_config);
        let token_routes =
            token_proxy.map(|proxy| token_proxy::router(proxy, rates.tokens.clone()));
        let own_routes = health::router(Readiness::new(&components, &issuers, &proxy))
            .merge(rendezvous::router(config, &rates))
            .merge(token_routes.unwrap_or_default())
            .fallback_service(site.clone());
        Self {
            telemetry: Arc::new(TelemetrySinks {
                metrics: components.metrics.clone(),
                tracer: components.tracer.clone(),
                log: settings.log.requests,
            }),
            limits: RequestLimits::new(settings, config),
            insists_on_tls: config.origin.insists_on_tls(),
            own_routes,
            mlflow: MlflowRoutes {
                ui: config.ui.is_some().then_some(site),
                token_rate: rates.tokens,
                pipeline: pipeline(components, issuers, proxy),
            },
        }
    }

    async fn respond(&self, mut request: Request) -> Response {
        let id = request_id::assign(request.headers_mut());
        let limited = async |request| match self.limits.check(request).await {
            Ok(request) => self.dispatch(request).await,
            Err(refusal) => refusal,
        };
        let mut response = observe(&self.telemetry, request, limited).await;
        let headers = response.headers_mut();
        headers.insert(request_id::REQUEST_ID, id);
        if self.insists_on_tls {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        response
    }

    async fn dispatch(&self, request: Request) -> Response {
        if headers::asks_for_foreign_worker(&request) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let address = request.uri().clone();
        let path = address.path();
        let target = intercept::route_target(path);
        if target == RouteTarget::Shell {
            let Ok(response) = self.own_routes.clone().oneshot(request).await;
            return response;
        }
        self.mlflow.respond(path, target, request).await
    }
}

fn warn_of_drawn_keys(components: &Components) {
    if components.config.provider.via_gateway && !components.token_keys.are_kept() {
        tracing::warn!(
            "`provider.via_gateway` without `tokens.key_file` or `tokens.keys`: sign-ins end with \
             this process, and no other gateway knows them"
        );
    }
}

fn pipeline(components: Components, issuers: Arc<Issuers>, proxy: Arc<Proxy>) -> Pipeline {
    let Components {
        config, settings, ..
    } = components;
    let limiter = ConcurrencyLimiter::new(&settings.limits);
    report_concurrency(&components.metrics, &limiter);
    Pipeline {
        auth: AuthState {
            issuers,
            token_keys: components.token_keys,
            api_access: ApiAccess::new(config.python.as_ref(), !settings.issuers.is_empty()),
            policy: components.policy,
            resources: ResourceLookup::new(proxy.client.clone()),
        },
        limiter,
        anonymous: AnonymousLimits::new(&settings.limits),
        parsers: ParserPool::default(),
        audit: components.audit,
        proxy,
        config,
        run_owner: settings.run_owner,
    }
}

fn report_concurrency(metrics: &Metrics, limiter: &ConcurrencyLimiter) {
    let limiter = limiter.clone();
    metrics.on_scrape(move |gauges| {
        let (in_flight, queued) = limiter.counts();
        gauges.concurrency(in_flight, queued);
    });
}

/// There is no runtime where a router is only described.
fn preload_keys(issuers: &Issuers) {
    if let Ok(runtime) = Handle::try_current() {
        issuers.preload(&runtime);
    }
}
