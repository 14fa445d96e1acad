use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use form_urlencoded::byte_serialize;

use crate::{
    Fault, Provider,
    authorization::{AuthorizationRequest, Prompt},
    grant::{Code, Login},
    parameters::Parameters,
    respond::{found, with_query},
};

/// Where a sign-in begins: back to the app if there is a login, else to the
/// login page with the same query.
pub(super) async fn get(
    State(provider): State<Provider>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    provider.count(|counts| &mut counts.authorizations);
    let query = query.unwrap_or_default();
    let parameters = Parameters::parse(&query);
    let request = match AuthorizationRequest::parse(&parameters, provider.settings()) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    match (request.prompt, login(&provider, &headers)) {
        (Prompt::IfNeeded | Prompt::Never, Some(login)) => callback(&provider, request, login),
        (Prompt::Never, None) => request.login_required().into_response(),
        (Prompt::IfNeeded, None) | (Prompt::Always, _) => found(&format!("/login?{query}")),
    }
}

fn login(provider: &Provider, headers: &HeaderMap) -> Option<Login> {
    let cookie = super::cookie(headers)?;
    provider.state().login(cookie, provider.now())
}

/// Sends the user back to the app with a new code.
pub(super) fn callback(
    provider: &Provider,
    request: AuthorizationRequest,
    login: Login,
) -> Response {
    let redirect_uri = request.redirect_uri.clone();
    let state = request
        .state
        .clone()
        .map(|state| told_state(provider, state));
    let code = Code::new(request, login);
    let code = provider.state().issue_code(code, provider.now());

    let mut answer = vec![("code", code.as_str())];
    answer.extend(state.as_deref().map(|state| ("state", state)));
    found(&with_query(&redirect_uri, &answer))
}

fn told_state(provider: &Provider, state: String) -> String {
    if provider.faults().has(Fault::DoubleEncodedState) {
        byte_serialize(state.as_bytes()).collect()
    } else {
        state
    }
}
