//! From an `Authorization` header to verified claims.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use shell_core::{bearer, claims::Claims, refusal::Problem};

use super::{
    api_tokens::{TokenKeys, is_api_token},
    clock,
    issuers::{Issuers, reject},
};

/// The claims of a page's bearer token, which an issuer has issued.
///
/// # Errors
/// [`Problem::UNAUTHENTICATED`] for a missing or refused token, and
/// [`Problem::UNVERIFIABLE`] if it cannot be checked now.
pub(crate) async fn page_claims(
    issuers: &Issuers,
    headers: &HeaderMap,
) -> Result<Arc<Claims>, Problem> {
    let token = bearer_token(headers).ok_or(Problem::UNAUTHENTICATED)?;
    issuers.verify(token).await
}

/// The claims of a program's bearer token: an issuer's, or an API token.
///
/// # Errors
/// As [`page_claims`].
pub(crate) async fn program_claims(
    issuers: &Issuers,
    token_keys: &TokenKeys,
    headers: &HeaderMap,
) -> Result<Arc<Claims>, Problem> {
    let token = bearer_token(headers).ok_or(Problem::UNAUTHENTICATED)?;
    if !is_api_token(token) {
        return issuers.verify(token).await;
    }
    let found = token_keys.claims(token, clock::now());
    found
        .map(Arc::new)
        .ok_or_else(|| reject(&"not an API token of this gateway, or expired"))
}

/// The token of the only `Authorization` header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => bearer::token(value.to_str().ok()?),
        _ => None,
    }
}
