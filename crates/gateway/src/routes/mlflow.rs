//! Requests for MLflow, by where their path leads.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shell_core::{
    initiator::check,
    intercept::RouteTarget,
    method::is_read,
    policy,
    refusal::{Problem, Requester},
};
use tower::ServiceExt;

use super::api_tokens;
use crate::{
    error_response::{name_status, refuse},
    fetch_metadata,
    middleware::rate_limit::RateLimit,
    pipeline::{Caller, Pipeline},
    proxy::{Target, assets},
    site::bundled_ui,
};

/// What answers requests for MLflow.
#[derive(Debug)]
pub(crate) struct MlflowRoutes {
    pub(crate) pipeline: Pipeline,
    /// How often a client may ask for an API token.
    pub(crate) token_rate: Arc<RateLimit>,
    /// The site, if it has MLflow's UI among its files.
    pub(crate) ui: Option<Router>,
}

impl MlflowRoutes {
    /// Answers a request for `path`, which leads to `target`.
    pub(crate) async fn respond(
        &self,
        path: &str,
        target: RouteTarget<'_>,
        request: Request,
    ) -> Response {
        if let Some(site) = &self.ui
            && bundled_ui::has(request.method(), path, &target)
        {
            let Ok(response) = site.clone().oneshot(request).await;
            return response;
        }
        let initiator = fetch_metadata::initiator(request.headers());
        let (requester, is_browser) = (initiator.requester, initiator.is_browser());
        let serves_programs = self.pipeline.auth.api_access.check().is_ok();
        let target = target.of_client(is_browser || !serves_programs);
        let (requester, server, response) = match target {
            RouteTarget::StaticFile(server, path) if is_read(request.method().as_str()) => {
                let response = self.asset(Target { server, path }, request).await;
                (requester, server, response)
            }
            RouteTarget::StaticFile(server, path) | RouteTarget::Upstream(server, path) => {
                let response = self.page(Target { server, path }, request).await;
                (requester, server, response)
            }
            RouteTarget::Program(server, path) => {
                let target = Target { server, path };
                let response = self.pipeline.respond(Caller::Program, target, request);
                (Requester::Script, server, response.await)
            }
            RouteTarget::Tokens => {
                let response = api_tokens::respond(&self.pipeline, &self.token_rate, path, request);
                (Requester::Script, None, response.await)
            }
            RouteTarget::Nowhere => (requester, None, Err(Problem::no_such_server())),
            RouteTarget::Shell => return StatusCode::NOT_FOUND.into_response(),
        };
        response.unwrap_or_else(|cause| {
            let mut response = refuse(&self.pipeline.config, &cause, requester, server);
            if !is_browser {
                name_status(&mut response, &cause);
            }
            response
        })
    }

    /// Answers a request of a page, unless another site began it.
    async fn page(&self, target: Target<'_>, request: Request) -> Result<Response, Problem> {
        if let Err(cause) = self.check_page(target, &request) {
            self.pipeline.drain_anonymous(request.into_body()).await;
            return Err(cause);
        }
        self.pipeline.respond(Caller::Page, target, request).await
    }

    fn check_page(&self, target: Target<'_>, request: &Request) -> Result<(), Problem> {
        let config = &self.pipeline.config;
        policy::server(&config.upstreams, target.server)?;
        let initiator = fetch_metadata::initiator(request.headers());
        let method = request.method().as_str();
        check(&initiator, config.origin.as_str(), method, target.path)
    }

    /// Answers a request for a public file.
    async fn asset(&self, target: Target<'_>, request: Request) -> Result<Response, Problem> {
        let Pipeline {
            config,
            proxy,
            anonymous,
            ..
        } = &self.pipeline;
        policy::server(&config.upstreams, target.server)?;
        assets::respond(proxy, anonymous, target, &request.into_parts().0).await
    }
}
