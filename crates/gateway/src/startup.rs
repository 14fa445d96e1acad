//! The startup gate: holds requests back until the provider's endpoints are known.

mod config_problems;
pub(crate) mod pending_config;

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use shell_core::{Config, refusal::Problem};
use tower::ServiceExt;

use self::pending_config::PendingConfig;
use crate::{
    components::Components, error_response::refuse, fetch_metadata, router::router,
    routes::health::healthz,
};

/// `Retry-After`, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Answers until there is a router.
#[derive(Debug)]
struct StartupGate {
    config: Config,
    router: OnceLock<Router>,
}

/// Builds the gateway's router as soon as `pending` is complete; until then
/// `/healthz` is answered, and everything else with 503.
pub fn router_when_configured(pending: &PendingConfig, components: Components) -> Router {
    if pending.is_complete() {
        return router(components);
    }
    let gate = Arc::new(StartupGate {
        config: components.config.clone(),
        router: OnceLock::new(),
    });
    tokio::spawn(open(pending.clone(), components, gate.clone()));
    Router::new().fallback(pass_or_wait).with_state(gate)
}

async fn open(pending: PendingConfig, components: Components, gate: Arc<StartupGate>) {
    let config = pending.complete(&components.network).await;
    let endpoint = &config.provider.endpoints.authorization;
    tracing::info!(endpoint, "the provider says where people sign in");
    let components = Components {
        config,
        ..components
    };
    gate.router.get_or_init(|| router(components));
}

async fn pass_or_wait(State(gate): State<Arc<StartupGate>>, request: Request) -> Response {
    match gate.router.get() {
        Some(router) => {
            let Ok(response) = router.clone().oneshot(request).await;
            response
        }
        None if request.uri().path() == "/healthz" => healthz().await.into_response(),
        None => gate.unavailable(&request),
    }
}

impl StartupGate {
    fn unavailable(&self, request: &Request) -> Response {
        let requester = fetch_metadata::requester(request.headers());
        let mut response = refuse(&self.config, &Problem::UNVERIFIABLE, requester, None);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, RETRY_AFTER);
        response
    }
}
