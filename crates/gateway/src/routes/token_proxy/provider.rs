//! Asking the provider, with the client's secret if it has one.

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, Uri, header, request::Builder},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shell_core::{
    Config,
    oauth::{self, client_credentials::basic},
};

use super::form::Form;
use crate::{
    http_client::{HttpClient, fetch},
    settings::{ClientAuthentication, ClientSecret},
};

/// The provider's endpoints, and who asks them.
#[derive(Debug, Clone)]
pub(super) struct ProviderClient {
    /// Where the provider issues tokens.
    pub(super) token: Uri,
    /// Where it takes them back, if it does.
    pub(super) revocation: Option<Uri>,
    client_id: String,
    secret: ClientSecret,
    client: HttpClient,
}

/// What the provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Tokens.
    Tokens,
    /// That it takes one back.
    Revocation,
}

/// What the provider answered: a status and a body, which may hold tokens.
#[derive(Clone)]
pub(super) struct Answer {
    status: StatusCode,
    body: Bytes,
}

/// The provider cannot be asked: an error that passes (RFC 6749 §4.1.2.1) and signs
/// no user out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unavailable;

impl ProviderClient {
    /// The client of this configuration, with its `secret` if it has one.
    pub(super) fn new(config: &Config, secret: &ClientSecret, client: &HttpClient) -> Self {
        let endpoints = &config.provider.endpoints;
        // A validated configuration has URLs.
        let url = |text: &String| text.parse().unwrap_or_default();
        Self {
            token: url(&endpoints.token),
            revocation: Some(&endpoints.revocation)
                .filter(|text| !text.is_empty())
                .map(url),
            client_id: config.provider.client_id.clone(),
            secret: secret.clone(),
            client: client.clone(),
        }
    }

    /// Sends a valid form, with the secret added.
    ///
    /// # Errors
    /// If there is no answer of use to the worker. That the provider refuses our
    /// client is none.
    pub(super) async fn ask(
        &self,
        purpose: Purpose,
        url: &Uri,
        form: &Form,
    ) -> Result<Answer, Unavailable> {
        let (request, body) = self.request(url, form).map_err(|why| {
            tracing::error!(why, "no client secret");
            Unavailable
        })?;
        match fetch::send(&self.client, request, Body::from(body)).await {
            Ok((status, body)) => {
                let answer = Answer { status, body };
                if self.may_be_refused(purpose) {
                    return Ok(answer);
                }
                answer.checked(url)
            }
            Err(why) => {
                tracing::warn!("{url} {why}");
                Err(Unavailable)
            }
        }
    }

    /// Whether a refusal of our client is the provider's usual answer: some revoke
    /// tokens of clients with a secret only (canaille 0.3.6, Glewlwyd 2.7.5).
    fn may_be_refused(&self, purpose: Purpose) -> bool {
        !self.secret.is_given() && purpose == Purpose::Revocation
    }

    /// The request, with the secret in it (RFC 6749 §2.3.1).
    fn request(&self, url: &Uri, form: &Form) -> Result<(Builder, String), String> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, value.expose());
        }
        let mut request = Request::post(url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        if self.secret.is_given() {
            let secret = self.secret.read()?;
            match self.secret.authentication() {
                ClientAuthentication::Post => {
                    body.append_pair("client_secret", secret.expose());
                }
                ClientAuthentication::Basic => {
                    let credentials = basic(&self.client_id, &secret);
                    request = request.header(header::AUTHORIZATION, credentials.expose());
                }
            }
        }
        Ok((request, body.finish()))
    }
}

impl Answer {
    fn checked(self, url: &Uri) -> Result<Self, Unavailable> {
        let told = self.told();
        if told.as_ref().and_then(|told| told["error"].as_str()) == Some("invalid_client") {
            tracing::error!(
                "{url} refuses our client: is `provider.client_id` right, and the secret of \
                 `client.secret_file` or `client.secret`, if it needs one?"
            );
            return Err(Unavailable);
        }
        if self.status.is_redirection() || self.status.is_informational() {
            tracing::warn!("{url} answers {}", self.status);
            return Err(Unavailable);
        }
        Ok(self)
    }

    /// The answer as `core` reads it.
    pub(super) fn as_response(&self) -> oauth::Response<'_> {
        oauth::Response {
            status: self.status.as_u16(),
            body: std::str::from_utf8(&self.body).unwrap_or_default(),
        }
    }

    /// The answer as it is, if it is JSON, or its status.
    pub(super) fn relay(&self) -> Response {
        match self.told() {
            Some(told) => json_with(self.status, &told),
            None => self.status.into_response(),
        }
    }

    fn told(&self) -> Option<Value> {
        let told = serde_json::from_slice(&self.body);
        told.ok().filter(Value::is_object)
    }
}

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
    }
}

/// An error of RFC 6749 §5.2.
pub(super) fn error(status: StatusCode, code: &str) -> Response {
    json_with(status, &json!({ "error": code }))
}

pub(super) fn json_with(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}
