//! From an `Authorization` header to checked claims.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use shell_core::{bearer, claims::Claims, refusal::Problem};

use crate::{Gateway, issuers::refused, keys, tokens};

/// The claims of the request's bearer.
///
/// # Errors
/// [`Problem::UNAUTHENTICATED`] for a missing or refused token, and
/// [`Problem::UNVERIFIABLE`] if it cannot be checked now.
pub(crate) async fn claims(gateway: &Gateway, headers: &HeaderMap) -> Result<Arc<Claims>, Problem> {
    let token = token(headers).ok_or(Problem::UNAUTHENTICATED)?;
    gateway.issuers.verify(token).await
}

/// As [`claims`], for a program: it may bring a token that this gateway issued.
///
/// # Errors
/// As [`claims`].
pub(crate) async fn program_claims(
    gateway: &Gateway,
    headers: &HeaderMap,
) -> Result<Arc<Claims>, Problem> {
    let token = token(headers).ok_or(Problem::UNAUTHENTICATED)?;
    if !tokens::is_ours(token) {
        return gateway.issuers.verify(token).await;
    }
    let found = gateway.settings.token_keys.claims(token, keys::now());
    found
        .map(Arc::new)
        .ok_or_else(|| refused(&"not a token for programs, or not any more"))
}

/// The token of the one header.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => bearer::token(value.to_str().ok()?),
        _ => None,
    }
}
