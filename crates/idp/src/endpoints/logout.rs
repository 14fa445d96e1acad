use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header::SET_COOKIE},
    response::{IntoResponse, Response},
};

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
    provider.count(|counts| &mut counts.logouts);
    let query = query.unwrap_or_default();
    let parameters = Parameters::parse(&query);
    let target = match target(&parameters, provider.settings()) {
        Ok(Target::App(uri)) => found(uri),
        Ok(Target::Login) => found(&format!("/login?{query}")),
        Err(error) => return error.into_response(),
    };
    if let Some(cookie) = super::cookie(&headers) {
        provider.state().close(cookie, provider.now());
    }
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    ([(SET_COOKIE, gone)], target).into_response()
}

enum Target<'a> {
    App(&'a str),
    Login,
}

/// `logout_uri` wins, and everything beside it is ignored.
fn target<'a>(query: &'a Parameters, settings: &Settings) -> Result<Target<'a>, PageError<'a>> {
    let client_id = query.get("client_id").ok_or(PageError::MissingParameters)?;
    let is_client = client_id == settings.client_id;
    let is_in = |list: &[String], uri: &str| is_client && list.iter().any(|one| one == uri);
    match (query.get("logout_uri"), query.get("redirect_uri")) {
        (Some(uri), _) if is_in(&settings.logout_uris, uri) => Ok(Target::App(uri)),
        (None, Some(uri)) if is_in(&settings.redirect_uris, uri) => query
            .get("response_type")
            .map(|_| Target::Login)
            .ok_or(PageError::MissingParameters),
        (None, None) => Err(PageError::MissingParameters),
        _ => Err(PageError::RedirectMismatch { client_id }),
    }
}
