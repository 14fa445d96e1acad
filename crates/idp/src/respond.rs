use axum::{
    http::{
        HeaderName, StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shell_jose::SigningError;

/// Cognito's content type for JSON, spelled as Cognito spells it.
const JSON: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json;charset=UTF-8")];

/// An `error` of the token and revocation endpoints: 400 with the code alone,
/// without a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedTokenType,
    ServerError,
}

/// What the page `/error` is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageError<'a> {
    MissingParameters,
    RedirectMismatch { client_id: &'a str },
}

/// 302, the redirect Cognito uses everywhere.
pub(crate) fn found(location: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}

pub(crate) fn json_body(body: &Value) -> Response {
    (JSON, body.to_string()).into_response()
}

impl OAuthError {
    fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::ServerError => "server_error",
        }
    }
}

impl From<SigningError> for OAuthError {
    fn from(_: SigningError) -> Self {
        Self::ServerError
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json_body(&json!({ "error": self.code() }));
        (StatusCode::BAD_REQUEST, body).into_response()
    }
}

impl IntoResponse for PageError<'_> {
    fn into_response(self) -> Response {
        found(&match self {
            Self::MissingParameters => {
                with_query("/error", &[("error", "Required parameters missing")])
            }
            Self::RedirectMismatch { client_id } => with_query(
                "/error",
                &[("error", "redirect_mismatch"), ("client_id", client_id)],
            ),
        })
    }
}

/// `uri` with `pairs` added to its query.
pub(crate) fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}{query}")
}
