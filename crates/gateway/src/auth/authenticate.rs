//! From a request's head to verified claims.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri, header};
use shell_core::{
    bearer,
    claims::Claims,
    credentials::{self, Reason, Sender, is_api_token},
    refusal::{Problem, Rejection},
};

use super::{AuthState, clock, rejection::reject};
use crate::fetch_metadata;

/// The claims of a page's bearer token, which an issuer has issued.
///
/// # Errors
/// With why there are none.
pub(crate) async fn page_claims(
    auth: &AuthState,
    headers: &HeaderMap,
) -> Result<Arc<Claims>, Rejection> {
    let missing = || Rejection::new(Reason::Missing);
    let token = bearer_token(headers).ok_or_else(missing)?;
    if is_api_token(token) {
        let is_on = auth.api_access.check().is_ok();
        return Err(reject(if is_on { Reason::Path } else { Reason::Off }));
    }
    auth.issuers.verify(token).await
}

/// The claims of a program's token: an issuer's, or an API token. `path` is on a
/// server's side.
///
/// # Errors
/// As [`page_claims`].
pub(crate) async fn program_claims(
    auth: &AuthState,
    headers: &HeaderMap,
    (path, address): (&str, &Uri),
) -> Result<Arc<Claims>, Rejection> {
    let off = |problem| Rejection::with(Reason::Off, problem);
    auth.api_access.check().map_err(off)?;
    let sender = Sender {
        path,
        query: address.query().unwrap_or_default(),
        is_browser: fetch_metadata::initiator(headers).is_browser(),
    };
    let sent = headers.iter();
    let sent = sent.map(|(name, value)| (name.as_str(), value.as_bytes()));
    let token = credentials::of_program(sent, sender).map_err(reject)?;
    if !is_api_token(token.expose()) {
        return auth.issuers.verify(token.expose()).await;
    }
    let found = auth.token_keys.verify(token.expose(), clock::now()).await;
    found.map(Arc::new).map_err(|reason| {
        if reason == Reason::Unverifiable {
            Rejection::with(reason, Problem::token_list_unavailable())
        } else {
            reject(reason)
        }
    })
}

/// The token of the only `Authorization` header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => bearer::token(value.to_str().ok()?),
        _ => None,
    }
}
