//! Writes the verified user into runs that are created, where the settings say so
//! ([`shell_core::run_owner`]).

use axum::{body::Body, extract::Request, http::header::CONTENT_LENGTH};
use shell_core::{
    bounds::REFERENCES_BODY, claims::Claims, policy::Operation, refusal::Problem, run_owner,
};

use crate::inspection::peek_json;

/// Changes the body of a permitted request that says whose a run is, or refuses it.
///
/// # Errors
/// If the request would make a run another user's, or its body cannot be read.
pub(crate) async fn write(
    operation: &Operation,
    claims: &Claims,
    is_administrator: bool,
    request: &mut Request,
) -> Result<(), Problem> {
    let Operation::Endpoint(endpoint) = operation else {
        return Ok(());
    };
    if !run_owner::concerns(&endpoint.path) {
        return Ok(());
    }
    let body = peek_json(request, REFERENCES_BODY).await?;
    let body = body.ok_or_else(Problem::run_owner_unread)?;
    let changed = run_owner::apply(&endpoint.path, &body, &claims.name, is_administrator)?;
    if let Some(changed) = changed {
        let body = changed.to_string();
        let headers = request.headers_mut();
        headers.insert(CONTENT_LENGTH, body.len().into());
        *request.body_mut() = Body::from(body);
    }
    Ok(())
}
