//! From an `Authorization` header to checked claims.

use axum::http::{HeaderMap, header};
use shell_core::{
    bearer,
    claims::{Claims, Expected},
    refusal::Cause,
};

use crate::{
    Gateway,
    keys::{self, NoKeys},
    tokens,
};

/// The claims of the request's bearer.
///
/// # Errors
/// [`Cause::UNAUTHENTICATED`] for a missing or refused token, and
/// [`Cause::UNVERIFIABLE`] if it cannot be checked now.
pub(crate) async fn claims(gateway: &Gateway, headers: &HeaderMap) -> Result<Claims, Cause> {
    let token = token(headers).ok_or(Cause::UNAUTHENTICATED)?;
    verified(gateway, token).await
}

/// As [`claims`], for a program: it may bring a token that this gateway issued.
///
/// # Errors
/// As [`claims`].
pub(crate) async fn program_claims(
    gateway: &Gateway,
    headers: &HeaderMap,
) -> Result<Claims, Cause> {
    let token = token(headers).ok_or(Cause::UNAUTHENTICATED)?;
    if !tokens::is_ours(token) {
        return verified(gateway, token).await;
    }
    let found = gateway.tokens.claims(token, keys::now());
    found.ok_or_else(|| refused(&"not a token for programs, or not any more"))
}

async fn verified(gateway: &Gateway, token: &str) -> Result<Claims, Cause> {
    let kid = shell_jose::key_id(token).map_err(|error| refused(&error))?;
    let keys = gateway
        .keys
        .for_kid(&kid)
        .await
        .map_err(|error| match error {
            NoKeys::Unknown => refused(&"signed with a key the issuer does not publish"),
            NoKeys::Unavailable => Cause::UNVERIFIABLE,
        })?;
    let expected = Expected::of(&gateway.settings.config);
    shell_jose::verify(token, &keys)
        .map_err(|error| refused(&error))?
        .check(expected, keys::now())
        .map_err(|error| refused(&error))
}

/// The token of the one header.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => bearer::token(value.to_str().ok()?),
        _ => None,
    }
}

/// The caller is told no more than that the token is refused; the log says why.
fn refused(why: &dyn std::fmt::Display) -> Cause {
    tracing::info!(%why, "token refused");
    Cause::UNAUTHENTICATED
}
