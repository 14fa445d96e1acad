//! `POST /mlflow/@shell/tokens`: issues an API token.
//!
//! A page of the shell asks for a token in the name of its user. The program that
//! is given it sends it to `/api`, and nowhere else is it accepted.

use axum::{
    extract::Request,
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;
use shell_core::{
    initiator::Sender,
    refusal::{Problem, Rejection},
};

use crate::{
    audit::AuditRecord,
    auth::{api_tokens::TooLong, authenticate, clock},
    fetch_metadata,
    middleware::rate_limit::RateLimit,
    pipeline::Pipeline,
    telemetry::request::RequestTelemetry,
};

/// Issues a token to the user whose session asks.
///
/// # Errors
/// If none are issued here, a page of this site does not ask, the client asks too
/// often, or the user may not have one.
pub(crate) async fn issue(
    pipeline: &Pipeline,
    rate: &RateLimit,
    request: Request,
) -> Result<Response, Problem> {
    let auth = &pipeline.auth;
    let telemetry = RequestTelemetry::of(request.extensions());
    let (request, body) = request.into_parts();
    pipeline.drain_anonymous(body).await;
    let lifetime = auth.api_access.token_lifetime()?;
    check_request(pipeline.config.origin.as_str(), &request)?;
    rate.check(&request.extensions)?;
    let check = authenticate::page_claims(auth, &request.headers);
    let claims = telemetry.authenticate(check).await;
    let claims = claims.map_err(Rejection::for_page)?;
    // A user who may not use MLflow needs no token. Which servers and operations
    // it is good for is decided when it is used.
    auth.policy.current().policy.admit(&claims)?;

    let subject = &claims.subject;
    tracing::info!(subject, seconds = lifetime, "API token issued");
    let pending = pipeline
        .audit
        .begin(Some(AuditRecord::of_token(&claims, &request)));
    let token = auth.token_keys.issue(&claims, lifetime, clock::now());
    let token = token.map_err(|TooLong| Problem::api_token_too_long())?;
    let body = json!({ "token": token.expose(), "expires_in": lifetime });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let response = Ok((StatusCode::CREATED, headers, body.to_string()).into_response());
    pending.end(&response);
    response
}

/// A script of this site has to ask, not a link or another site: the worker would
/// attach the bearer to those requests, too.
fn check_request(own: &str, request: &Parts) -> Result<(), Problem> {
    if request.method != Method::POST {
        return Err(Problem::api_token_without_post());
    }
    let initiator = fetch_metadata::initiator(&request.headers);
    if initiator.is_own_script(own, Sender::Worker) {
        Ok(())
    } else {
        Err(Problem::api_token_for_own_pages())
    }
}
