//! Everything of MLflow's: forwarded with a permit, or refused.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::any,
};
use shell_core::{
    initiator::check,
    intercept::RouteTarget,
    method::is_read,
    policy::server,
    refusal::{Problem, Requester},
};
use tower::ServiceExt;

use crate::{
    Gateway, bundle,
    enforce::{self, Caller, drain_strangers},
    hosted, initiator, programs,
    refusal::refuse,
};

/// Answers a request for `path`, which leads to `place`.
pub(crate) async fn answer(
    gateway: &Gateway,
    path: &str,
    place: RouteTarget<'_>,
    request: Request,
) -> Response {
    if let Some(site) = &gateway.ui
        && hosted::has(request.method(), path, &place)
    {
        let Ok(answer) = site.clone().oneshot(request).await;
        return answer;
    }
    let asker = initiator::asker(request.headers());
    let (asker, server, answer) = match place {
        RouteTarget::StaticFile(name, file) if is_read(request.method().as_str()) => {
            (asker, name, public(gateway, name, file, request).await)
        }
        RouteTarget::StaticFile(name, rest) | RouteTarget::Upstream(name, rest) => {
            (asker, name, page(gateway, name, rest, request).await)
        }
        RouteTarget::Program(name, rest) => {
            let answer = enforce::answer(gateway, Caller::Program, name, rest, request).await;
            (Requester::Script, name, answer)
        }
        RouteTarget::Tokens => {
            let answer = programs::issue(gateway, request).await;
            (Requester::Script, None, answer)
        }
        RouteTarget::Nowhere => (asker, None, Err(nowhere())),
        RouteTarget::Shell => return StatusCode::NOT_FOUND.into_response(),
    };
    answer.unwrap_or_else(|cause| refuse(&gateway.settings.config, &cause, asker, server))
}

/// What MLflow's client asks for beside the API, of each server.
pub(crate) fn beside_the_api() -> Router<Arc<Gateway>> {
    programs::BESIDE.iter().fold(Router::new(), |router, path| {
        let named = format!("/{{server}}{path}");
        let nameless = move |gateway, request| beside(gateway, None, path, request);
        let on_server = move |gateway, Path(server): Path<String>, request| {
            beside(gateway, Some(server), path, request)
        };
        router
            .route(path, any(nameless))
            .route(&named, any(on_server))
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
    answer.unwrap_or_else(|cause| refuse(&gateway.settings.config, &cause, Requester::Script, name))
}

/// What a page asks for, if no other site began that.
async fn page(
    gateway: &Gateway,
    name: Option<&str>,
    path: &str,
    request: Request,
) -> Result<Response, Problem> {
    if let Err(cause) = check_page(gateway, name, path, &request) {
        drain_strangers(gateway, request.into_body()).await;
        return Err(cause);
    }
    enforce::answer(gateway, Caller::Page, name, path, request).await
}

fn check_page(
    gateway: &Gateway,
    name: Option<&str>,
    path: &str,
    request: &Request,
) -> Result<(), Problem> {
    let config = &gateway.settings.config;
    server(&config.upstreams, name)?;
    let initiator = initiator::of(request.headers());
    let method = request.method().as_str();
    check(&initiator, config.origin.as_str(), method, path)
}

async fn public(
    gateway: &Gateway,
    name: Option<&str>,
    file: &str,
    request: Request,
) -> Result<Response, Problem> {
    server(&gateway.settings.config.upstreams, name)?;
    let server = gateway.servers.named(name)?;
    bundle::serve(gateway, server, file, &request.into_parts().0).await
}

fn nowhere() -> Problem {
    Problem::not_here("This address leads to no MLflow server of this site.".to_owned())
}
