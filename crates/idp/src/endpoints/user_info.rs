use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{Provider, respond::json_body};

const BAD_REQUEST: &str =
    r#"error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint""#;
const INVALID_TOKEN: &str = r#"error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out.""#;

/// What the bearer of an access token with `openid` may know of the user.
pub(super) async fn get(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    let Some(token) = bearer(&headers) else {
        return refusal(StatusCode::BAD_REQUEST, BAD_REQUEST);
    };
    match attributes(&provider, token) {
        Some(attributes) => json_body(&attributes),
        None => refusal(StatusCode::UNAUTHORIZED, INVALID_TOKEN),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// `email_verified` is a string here and a boolean in the ID token.
fn attributes(provider: &Provider, token: &str) -> Option<Value> {
    let state = provider.state();
    let grant = state.access(token, provider.now())?;
    let user = state.user(&grant.login.email)?;
    if !grant.has("openid") {
        return None;
    }
    let subject = user.subject();
    let mut attributes = json!({ "sub": subject, "username": subject });
    if grant.reads_email() {
        attributes["email"] = user.email.as_str().into();
        attributes["email_verified"] = "true".into();
    }
    Some(attributes)
}

fn refusal(status: StatusCode, cause: &'static str) -> Response {
    (status, [(WWW_AUTHENTICATE, cause)]).into_response()
}
