use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{Html, IntoResponse, Response},
};

use super::{COOKIE, authorize};
use crate::{
    DEVELOPMENT_PASSWORD, Provider,
    authorization::AuthorizationRequest,
    grant::{LOGIN_LIFETIME, Login},
    page,
    parameters::Parameters,
};

/// The form. Showing it does not sign a user in.
pub(super) async fn get(State(provider): State<Provider>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let parameters = Parameters::parse(&query);
    match AuthorizationRequest::parse(&parameters, provider.settings()) {
        Ok(_) => form(&provider, &query, parameters.get("login_hint"), None),
        Err(refusal) => refusal.into_response(),
    }
}

/// The submitted form. What the app asked for is in the query still, and is
/// checked again. A wrong password answers 400 with the same page, so that a
/// program sees the refusal as plainly as a person.
pub(super) async fn post(
    State(provider): State<Provider>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    provider.count(|counts| &mut counts.logins);
    let query = query.unwrap_or_default();
    let parameters = Parameters::parse(&query);
    let request = match AuthorizationRequest::parse(&parameters, provider.settings()) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let submitted = match Parameters::form(&headers, &body) {
        Ok(submitted) => submitted,
        Err(error) => return error.into_response(),
    };
    let Some(login) = sign_in(&provider, &submitted) else {
        let problem = "Incorrect username or password.";
        let page = form(&provider, &query, submitted.get("username"), Some(problem));
        return (StatusCode::BAD_REQUEST, page).into_response();
    };
    let cookie = provider.state().open(login.clone(), provider.now());
    let cookie =
        format!("{COOKIE}={cookie}; Path=/; Max-Age={LOGIN_LIFETIME}; HttpOnly; SameSite=Lax");
    (
        [(SET_COOKIE, cookie)],
        authorize::callback(&provider, request, login),
    )
        .into_response()
}

fn sign_in(provider: &Provider, submitted: &Parameters) -> Option<Login> {
    let username = submitted.get("username")?.trim();
    let email = provider.state().user(username)?.email.clone();
    (submitted.get("password") == Some(DEVELOPMENT_PASSWORD)).then(|| Login {
        email,
        auth_time: provider.now(),
    })
}

fn form(
    provider: &Provider,
    query: &str,
    username: Option<&str>,
    problem: Option<&str>,
) -> Response {
    let state = provider.state();
    Html(page::login(
        query,
        username.unwrap_or(""),
        problem,
        state.users(),
    ))
    .into_response()
}
