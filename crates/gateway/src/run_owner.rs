//! Writes the verified user into runs that are created, where the settings say so
//! ([`shell_core::run_owner`]).

use axum::{body::Body, extract::Request, http::header::CONTENT_LENGTH};
use shell_core::{
    bounds::REFERENCES_BODY, claims::Claims, policy::Operation, refusal::Problem, run_owner,
};

use crate::inspection::{parser_pool::ParserPool, peek_json};

/// Changes the body of a permitted request that says whose a run is, or refuses it.
///
/// # Errors
/// If the request would make a run another user's, or its body cannot be read.
pub(crate) async fn write(
    operation: &Operation,
    claims: &Claims,
    is_administrator: bool,
    (parsers, request): (&ParserPool, &mut Request),
) -> Result<(), Problem> {
    let Operation::Endpoint(endpoint) = operation else {
        return Ok(());
    };
    if !run_owner::concerns(&endpoint.path) {
        return Ok(());
    }
    let (endpoint, user): (&'static str, _) = (&endpoint.path, claims.name.clone());
    let judge = move |body| {
        let changed = run_owner::apply(endpoint, &body, &user, is_administrator)?;
        Ok(changed.map(|changed| changed.to_string()))
    };
    let judged = peek_json(parsers, request, REFERENCES_BODY, judge).await?;
    let changed = judged.unwrap_or_else(|| Err(Problem::run_owner_unread()))?;
    if let Some(body) = changed {
        let headers = request.headers_mut();
        headers.insert(CONTENT_LENGTH, body.len().into());
        *request.body_mut() = Body::from(body);
    }
    Ok(())
}
