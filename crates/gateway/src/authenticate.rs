//! From an `Authorization` header to checked claims.

use axum::http::{HeaderMap, header};
use shell_core::{
    claims::{Claims, Expected},
    refusal::Cause,
};

use crate::{
    Gateway,
    keys::{self, NoKeys},
};

/// The claims of the request's bearer.
///
/// # Errors
/// [`Cause::Unauthenticated`] for a missing or refused token, and
/// [`Cause::Unverifiable`] if it cannot be checked now.
pub(crate) async fn claims(gateway: &Gateway, headers: &HeaderMap) -> Result<Claims, Cause> {
    let token = bearer(headers).ok_or(Cause::Unauthenticated)?;
    let kid = shell_jose::key_id(token).map_err(|error| refused(&error))?;
    let keys = gateway
        .keys
        .for_kid(&kid)
        .await
        .map_err(|error| match error {
            NoKeys::Unknown => refused(&"signed with a key the issuer does not publish"),
            NoKeys::Unavailable => Cause::Unverifiable,
        })?;
    let provider = &gateway.settings.config.provider;
    let expected = Expected {
        issuer: &provider.issuer,
        client_id: &provider.client_id,
        bearer: gateway.settings.config.bearer,
    };
    shell_jose::verify(token, &keys)
        .map_err(|error| refused(&error))?
        .check(expected, keys::now())
        .map_err(|error| refused(&error))
}

/// The one token of the one header; the scheme compares without case
/// (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The caller is told no more than that the token is refused; the log says why.
fn refused(why: &dyn std::fmt::Display) -> Cause {
    tracing::info!(%why, "token refused");
    Cause::Unauthenticated
}
