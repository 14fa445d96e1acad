//! The way of every request, from its head to whoever answers it.
//!
//! ```text
//!  request id ─▶ watch ─▶ bounds ─▶ stray worker? ─┬▶ mlflow   what core says is MLflow's
//!                                                  └▶ others   the shell, and the gateway's own
//! ```
//!
//! This is one function and not four layers of a router: each of those puts the
//! request, and all that waits for its answer, in boxes of their own, which took
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
use tower::{ServiceExt, service_fn};

use crate::{
    Gateway,
    bounds::Bounds,
    headers, mlflow, request_id,
    watch::{Watching, over},
};

/// Whoever ends TLS, what leaves a site of `https` says so.
const HELD_TO_TLS: HeaderValue = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY.1);

/// What every request passes.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) bounds: Bounds,
    pub(crate) watching: Arc<Watching>,
    /// What answers requests that are not MLflow's.
    pub(crate) others: Router,
}

/// Everything, as a router.
pub(crate) fn router(front: Front) -> Router {
    let front = Arc::new(front);
    Router::new().fallback_service(service_fn(move |request| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    }))
}

impl Front {
    async fn answer(&self, mut request: Request) -> Response {
        let id = request_id::assign(request.headers_mut());
        let bounded = async |request| match self.bounds.hold(request).await {
            Ok(request) => self.lead(request).await,
            Err(refusal) => refusal,
        };
        let mut response = over(&self.watching, request, bounded).await;
        let headers = response.headers_mut();
        headers.insert(request_id::REQUEST_ID, id);
        if self.gateway.settings.config.origin.insists_on_tls() {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HELD_TO_TLS);
        }
        response
    }

    async fn lead(&self, request: Request) -> Response {
        if headers::asks_for_stray_worker(&request) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let path = request.uri().path().to_owned();
        let place = intercept::route_target(&path);
        if place == RouteTarget::Shell {
            let Ok(answer) = self.others.clone().oneshot(request).await;
            return answer;
        }
        mlflow::answer(&self.gateway, &path, place, request).await
    }
}
