use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use shell_core::algorithm::Algorithms;

use crate::{Fault, Provider, client::Client, parameters::Parameters, respond::OAuthError};

/// Ends a sign-in. An unknown refresh token counts as revoked.
pub(super) async fn post(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: String,
) -> Response {
    provider.count(|counts| &mut counts.revocations);
    if let Some(status) = provider.faults().find(faulty_status) {
        return status.into_response();
    }
    match Parameters::form(&headers, &body).and_then(|form| revoke(&provider, &headers, &form)) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(OAuthError::InvalidClient) => {
            (StatusCode::UNAUTHORIZED, OAuthError::InvalidClient).into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn faulty_status(fault: &Fault) -> Option<StatusCode> {
    let Fault::RevocationStatus(status) = *fault else {
        return None;
    };
    StatusCode::from_u16(status).ok()
}

fn revoke(provider: &Provider, headers: &HeaderMap, form: &Parameters) -> Result<(), OAuthError> {
    let token = form.require("token")?;
    let client = Client::authenticate(provider.settings(), headers, form);
    if client != Ok(Client::App) {
        return Err(OAuthError::InvalidClient);
    }
    if shell_jose::verify(token, provider.verifying_keys(), &Algorithms::all()).is_ok() {
        return Err(OAuthError::UnsupportedTokenType);
    }
    provider.state().revoke(token, provider.now());
    Ok(())
}
