//! A gateway that does not know yet where people sign in.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use shell_core::{Config, refusal::Problem};
use tower::ServiceExt;

use crate::{Draft, Settings, healthz, initiator, refusal::refuse, router};

/// Seconds after which it is worth asking again.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// What answers until the gateway is there.
#[derive(Debug)]
struct Starting {
    config: Config,
    router: OnceLock<Router>,
}

/// Builds the gateway's router as soon as `draft` is whole; until then it says
/// that it lives, and to everything else that it is not ready.
pub fn router_of(draft: &Draft, settings: Settings) -> Router {
    if draft.is_whole() {
        return router(settings);
    }
    let starting = Arc::new(Starting {
        config: settings.config.clone(),
        router: OnceLock::new(),
    });
    tokio::spawn(begin(draft.clone(), settings, starting.clone()));
    Router::new().fallback(answer).with_state(starting)
}

async fn begin(draft: Draft, settings: Settings, starting: Arc<Starting>) {
    let config = draft.complete().await;
    let endpoint = &config.provider.endpoints.authorization;
    tracing::info!(endpoint, "the provider says where people sign in");
    let settings = Settings { config, ..settings };
    starting.router.get_or_init(|| router(settings));
}

async fn answer(State(starting): State<Arc<Starting>>, request: Request) -> Response {
    match starting.router.get() {
        Some(router) => {
            let Ok(response) = router.clone().oneshot(request).await;
            response
        }
        None if request.uri().path() == "/healthz" => healthz().await.into_response(),
        None => starting.not_yet(&request),
    }
}

impl Starting {
    fn not_yet(&self, request: &Request) -> Response {
        let asker = initiator::asker(request.headers());
        let mut response = refuse(&self.config, &Problem::UNVERIFIABLE, asker, None);
        response.headers_mut().insert(header::RETRY_AFTER, AGAIN);
        response
    }
}
