use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use shell_core::algorithm::Algorithms;

use super::COOKIE;
use crate::{
    Provider,
    parameters::Parameters,
    respond::{PageError, found},
    settings::Settings,
};

/// Ends the login session, and goes to `logout_uri` or to another sign-in.
pub(super) async fn get(
    State(provider): State<Provider>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    end(&provider, &query.unwrap_or_default(), &headers)
}

/// The same for a form with the ID token of the session that is to end (OpenID
/// Connect RP-Initiated Logout 1.0 §2). Cognito has no such endpoint.
pub(super) async fn post(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let hint = Parameters::form(&headers, &body).ok();
    let hint = hint.as_ref().and_then(|form| form.get("id_token_hint"));
    let verified =
        hint.map(|token| shell_jose::verify(token, provider.verifying_keys(), &Algorithms::all()));
    match verified {
        Some(Ok(claims)) => provider.state().close_of(&claims.sub),
        Some(Err(_)) | None => return PageError::MissingParameters.into_response(),
    }
    provider.count(|counts| &mut counts.hinted_logouts);
    end(&provider, &body, &headers)
}

fn end(provider: &Provider, query: &str, headers: &HeaderMap) -> Response {
    provider.count(|counts| &mut counts.logouts);
    let parameters = Parameters::parse(query);
    let target = match target(&parameters, provider.settings()) {
        Ok(Target::App(uri)) => found(uri),
        Ok(Target::Login) => found(&format!("/login?{query}")),
        Err(error) => return error.into_response(),
    };
    if let Some(cookie) = super::cookie(headers) {
        provider.state().close(cookie, provider.now());
    }
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    ([(SET_COOKIE, gone)], target).into_response()
}

enum Target<'a> {
    App(&'a str),
    Login,
}

/// `logout_uri` wins, here and in the standard's spelling, which Cognito does not know;
/// everything beside it is ignored.
fn target<'a>(query: &'a Parameters, settings: &Settings) -> Result<Target<'a>, PageError<'a>> {
    let client_id = query.get("client_id").ok_or(PageError::MissingParameters)?;
    let is_client = client_id == settings.client_id;
    let is_in = |list: &[String], uri: &str| is_client && list.iter().any(|one| one == uri);
    let after = query.get("logout_uri");
    let after = after.or_else(|| query.get("post_logout_redirect_uri"));
    match (after, query.get("redirect_uri")) {
        (Some(uri), _) if is_in(&settings.logout_uris, uri) => Ok(Target::App(uri)),
        (None, Some(uri)) if is_in(&settings.redirect_uris, uri) => query
            .get("response_type")
            .map(|_| Target::Login)
            .ok_or(PageError::MissingParameters),
        (None, None) => Err(PageError::MissingParameters),
        _ => Err(PageError::RedirectMismatch { client_id }),
    }
}
