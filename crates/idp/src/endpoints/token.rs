use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use crate::{
    Fault, Machine, Provider, RefreshOutcome,
    client::Client,
    grant::Grant,
    parameters::Parameters,
    respond::{OAuthError, json_body},
    state::Renewal,
    tokens,
};

/// Exchanges a code, refreshes, or grants a machine what it asks for.
pub(super) async fn post(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let form = match Parameters::form(&headers, &body) {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    match form.get("grant_type") {
        Some("authorization_code") => provider.count(|counts| &mut counts.exchanges),
        Some("refresh_token") => provider.count(|counts| &mut counts.refreshes),
        Some(_) | None => {}
    }
    provider.faults().released().await;
    if let Some(fault) = provider.faults().find(faulty_answer) {
        if form.get("grant_type") == Some("refresh_token") {
            let now = provider.now();
            provider.state().note(RefreshOutcome::Faulted, now);
        }
        return fault;
    }
    answer(&provider, &headers, &form).unwrap_or_else(IntoResponse::into_response)
}

fn faulty_answer(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::TokenStatus(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            Some(status.into_response())
        }
        Fault::TokenEmpty => Some(StatusCode::OK.into_response()),
        Fault::TokenHtml => Some(Html("<!doctype html><title>Sorry</title>").into_response()),
        Fault::TokenHeld
        | Fault::NoRenewedIdToken
        | Fault::RefusalsWithoutCors
        | Fault::NoCors
        | Fault::RevocationStatus(_)
        | Fault::WrongIssuer
        | Fault::WrongNonce
        | Fault::UnknownKey
        | Fault::Lifetime(_)
        | Fault::DoubleEncodedState
        | Fault::NoOpenerPolicy => None,
    }
}

fn answer(
    provider: &Provider,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<Response, OAuthError> {
    let grant_type = form.require("grant_type")?;
    let client = Client::authenticate(provider.settings(), headers, form)?;
    match (grant_type, client) {
        ("authorization_code", Client::App) => exchange(provider, form),
        ("refresh_token", Client::App) => refresh(provider, form),
        ("client_credentials", Client::Machine(machine)) => admit(provider, machine, form),
        ("authorization_code" | "refresh_token" | "client_credentials", _) => {
            Err(OAuthError::UnauthorizedClient)
        }
        _ => Err(OAuthError::UnsupportedGrantType),
    }
}

/// Gives a machine an access token, and no other: it has no user.
fn admit(
    provider: &Provider,
    machine: &Machine,
    form: &Parameters,
) -> Result<Response, OAuthError> {
    let scopes = match form.get("scope") {
        None => machine.scopes.join(" "),
        Some(asked) => asked.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let may_have = |scope: &str| machine.scopes.iter().any(|allowed| allowed == scope);
    if !scopes.split(' ').all(may_have) {
        return Err(OAuthError::InvalidScope);
    }
    let (access, expires_in) = tokens::issue_to_machine(provider, machine, &scopes)?;
    Ok(json_body(&json!({
        "access_token": access.expose(),
        "token_type": "Bearer",
        "expires_in": expires_in,
    })))
}

/// The code is gone from here on, whether or not the rest is right.
fn exchange(provider: &Provider, form: &Parameters) -> Result<Response, OAuthError> {
    let now = provider.now();
    let code = provider.state().take_code(form.require("code")?, now);
    let redirect_uri = form.require("redirect_uri")?;
    let (grant, nonce) = code
        .and_then(|code| code.redeem(redirect_uri, form.get("code_verifier")))
        .ok_or(OAuthError::InvalidGrant)?;
    let ends = now.plus(provider.settings().refresh_lifetime);
    let refresh_token = provider
        .state()
        .issue_refresh_token(grant.clone(), ends, now);
    issue(provider, grant, nonce.as_deref(), Some(&refresh_token))
}

/// A refreshed ID token has no nonce (OpenID Connect Core §12.2).
fn refresh(provider: &Provider, form: &Parameters) -> Result<Response, OAuthError> {
    let token = form.require("refresh_token")?;
    let rotation = provider.settings().rotation;
    let now = provider.now();
    let Renewal { outcome, granted } = provider.state().refresh(token, rotation, now);
    if outcome.is_reuse() {
        provider.count(|counts| &mut counts.reuses);
    }
    let (grant, refresh_token) = granted.ok_or(OAuthError::InvalidGrant)?;
    issue(provider, grant, None, refresh_token.as_deref())
}

fn issue(
    provider: &Provider,
    grant: Grant,
    nonce: Option<&str>,
    refresh_token: Option<&str>,
) -> Result<Response, OAuthError> {
    let user = provider.state().user(&grant.login.email).cloned();
    let user = user.ok_or(OAuthError::InvalidGrant)?;
    let mut tokens = tokens::issue(provider, &grant, &user, nonce)?;
    if nonce.is_none() && provider.faults().has(Fault::NoRenewedIdToken) {
        tokens.id = None;
    }
    let mut body = json!({
        "access_token": tokens.access.expose(),
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    });
    if let Some(id) = &tokens.id {
        body["id_token"] = id.expose().into();
    }
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
    }
    let access = tokens.access.expose();
    let mut state = provider.state();
    state.remember_access_token(access, grant, tokens.ends, provider.now());
    Ok(json_body(&body))
}
