use axum::response::{IntoResponse, Response};

use crate::{
    parameters::Parameters,
    respond::{PageError, found, with_query},
    settings::Settings,
};

/// A valid authorization request.
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) prompt: Prompt,
}

/// Whether the user may, must or must not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    IfNeeded,
    Never,
    Always,
}

/// Why an authorization request was refused, and who is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal<'a> {
    /// The user, on the provider's own page: the redirect URI is not to be
    /// trusted.
    User(PageError<'a>),
    /// The app, at its redirect URI. Only `login_required` returns `state`.
    App {
        redirect_uri: &'a str,
        error: &'static str,
        state: Option<&'a str>,
    },
}

impl AuthorizationRequest {
    /// Checks the query of `/oauth2/authorize` or `/login`, in Cognito's order:
    /// first whatever decides if the app may be told about the rest.
    pub(crate) fn parse<'a>(
        query: &'a Parameters,
        settings: &Settings,
    ) -> Result<Self, Refusal<'a>> {
        let redirect_uri = redirect_uri(query, settings).map_err(Refusal::User)?;
        let refuse = |error| Refusal::App {
            redirect_uri,
            error,
            state: None,
        };
        check_response_type(query).map_err(refuse)?;
        Ok(Self {
            redirect_uri: redirect_uri.into(),
            challenge: challenge(query, settings).map_err(refuse)?,
            scopes: scopes(query, settings).map_err(refuse)?,
            prompt: prompt(query).map_err(refuse)?,
            state: query.get("state").map(String::from),
            nonce: query.get("nonce").map(String::from),
        })
    }

    pub(crate) fn login_required(&self) -> Refusal<'_> {
        Refusal::App {
            redirect_uri: &self.redirect_uri,
            error: "login_required",
            state: self.state.as_deref(),
        }
    }
}

fn redirect_uri<'a>(query: &'a Parameters, settings: &Settings) -> Result<&'a str, PageError<'a>> {
    let (Some(client_id), Some(redirect_uri)) = (query.get("client_id"), query.get("redirect_uri"))
    else {
        return Err(PageError::MissingParameters);
    };
    let registered = settings.redirect_uris.iter().any(|uri| uri == redirect_uri);
    if client_id == settings.client_id && registered {
        Ok(redirect_uri)
    } else {
        Err(PageError::RedirectMismatch { client_id })
    }
}

fn check_response_type(query: &Parameters) -> Result<(), &'static str> {
    match query.get("response_type") {
        Some("code") => Ok(()),
        Some("token") => Err("unauthorized_client"),
        Some(_) | None => Err("invalid_request"),
    }
}

fn challenge(query: &Parameters, settings: &Settings) -> Result<Option<String>, &'static str> {
    match (
        query.get("code_challenge"),
        query.get("code_challenge_method"),
    ) {
        (Some(challenge), Some("S256")) if is_digest(challenge) => Ok(Some(challenge.into())),
        (None, None) if !settings.require_pkce => Ok(None),
        _ => Err("invalid_request"),
    }
}

/// Whether this can be a SHA-256 digest in base64url (RFC 7636 §4.2).
fn is_digest(challenge: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    challenge.len() == 43 && challenge.bytes().all(is_base64url)
}

/// Omitted scopes are all that the client has. The others mean nothing without
/// `openid`.
fn scopes(query: &Parameters, settings: &Settings) -> Result<Vec<String>, &'static str> {
    let Some(scope) = query.get("scope") else {
        return Ok(settings.scopes.clone());
    };
    let scopes: Vec<String> = scope.split_whitespace().map(String::from).collect();
    let known = scopes.iter().all(|scope| settings.scopes.contains(scope));
    if known && scopes.iter().any(|scope| scope == "openid") {
        Ok(scopes)
    } else {
        Err("invalid_scope")
    }
}

fn prompt(query: &Parameters) -> Result<Prompt, &'static str> {
    let prompts: Vec<_> = query.get("prompt").unwrap_or("").split(' ').collect();
    match prompts.as_slice() {
        ["none"] => Ok(Prompt::Never),
        several if several.contains(&"none") => Err("invalid_request"),
        some if some.contains(&"login") => Ok(Prompt::Always),
        _ => Ok(Prompt::IfNeeded),
    }
}

impl IntoResponse for Refusal<'_> {
    fn into_response(self) -> Response {
        match self {
            Self::User(error) => error.into_response(),
            Self::App {
                redirect_uri,
                error,
                state,
            } => {
                let mut answer = vec![("error", error)];
                answer.extend(state.map(|state| ("state", state)));
                found(&with_query(redirect_uri, &answer))
            }
        }
    }
}
