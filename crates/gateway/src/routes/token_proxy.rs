//! The token-endpoint proxy: the provider's token endpoint, for a client with a
//! secret.
//!
//! Some providers, Google among them, demand a secret of every web application,
//! even of one that uses PKCE. A page can keep none, so the gateway does:
//!
//! ```text
//!  worker ── POST /oauth2/token ──▶ gateway ── the same, with the secret ──▶ provider
//!  worker ── POST /oauth2/revoke ─▶ gateway ── the same, with the secret ──▶ provider
//! ```
//!
//! Which requests get the secret:
//!
//! 1. A browser says where a request comes from, and only our own pages and
//!    their worker are answered.
//! 2. A form has the fields that our worker sends and no others, each once: it
//!    exchanges a code with a `code_verifier`, renews, or revokes. It is of our
//!    `client_id`, and a code was issued for our `redirect_uri`.
//! 3. A program may say that it is a browser. It has to have a code and its
//!    verifier all the same, or a refresh token, which the worker tells no page.
//! 4. The answer is handed on as it is, if it is JSON; nothing of it is kept or
//!    logged. Only that the provider refuses the secret itself is not handed
//!    on: that signs no user out.
//! 5. A client may ask so often (`rate_limit`): the provider counts what the
//!    gateway asks, and not for which client.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Request, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use shell_core::{Config, Secret, refusal::Problem};

use super::form::has_form;
use crate::{
    error_response::SOON,
    http_client::{HttpClient, fetch},
    middleware::{
        rate_limit::{RateLimit, enforce},
        same_origin,
    },
    settings::{ClientAuthentication, ClientSecret},
};

/// Where the worker exchanges codes and renews tokens.
pub(crate) const TOKEN: &str = "/oauth2/token";

/// Where the worker revokes a refresh token.
pub(crate) const REVOCATION: &str = "/oauth2/revoke";

/// The largest form: a refresh token may have some KB.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// The fields of each form, `client_id` aside.
const EXCHANGE_FIELDS: [&str; 4] = ["grant_type", "code", "redirect_uri", "code_verifier"];
const RENEWAL_FIELDS: [&str; 2] = ["grant_type", "refresh_token"];
const REVOCATION_FIELDS: [&str; 1] = ["token"];

/// The client, and the provider's endpoints.
#[derive(Debug, Clone)]
pub(crate) struct TokenProxy {
    /// Where our pages are.
    pub(crate) origin: String,
    /// What our client is called.
    pub(crate) client_id: String,
    /// Where the hosted login returns to.
    pub(crate) redirect_uri: String,
    /// Where the provider issues tokens.
    pub(crate) token: Uri,
    /// Where it takes them back, if it does.
    pub(crate) revocation: Option<Uri>,
    /// The client's secret.
    pub(crate) secret: ClientSecret,
    /// Asks the provider.
    pub(crate) client: HttpClient,
}

type Form = BTreeMap<String, Secret>;

impl TokenProxy {
    /// The proxy, if the client has a secret.
    pub(crate) fn new(config: &Config, secret: &ClientSecret, client: &HttpClient) -> Option<Self> {
        let provider = &config.provider;
        // A validated configuration has URLs.
        let url = |text: &String| text.parse().unwrap_or_default();
        secret.is_given().then(|| Self {
            origin: config.origin.as_str().to_owned(),
            client_id: provider.client_id.clone(),
            redirect_uri: config.redirect_uri(),
            token: url(&provider.endpoints.token),
            revocation: Some(&provider.endpoints.revocation)
                .filter(|text| !text.is_empty())
                .map(url),
            secret: secret.clone(),
            client: client.clone(),
        })
    }

    /// The configuration as pages get it: they ask us in the provider's place.
    pub(crate) fn rewrite_config(&self, config: &Config) -> Config {
        let mut config = config.clone();
        let ours = |path: &str| [&self.origin, path].concat();
        config.provider.endpoints.token = ours(TOKEN);
        if self.revocation.is_some() {
            config.provider.endpoints.revocation = ours(REVOCATION);
        }
        config
    }
}

/// The two addresses, for clients that stay within `limit`.
pub(crate) fn router(proxy: TokenProxy, limit: Arc<RateLimit>) -> Router {
    let origin: Arc<str> = proxy.origin.as_str().into();
    let mut router = Router::new().route(TOKEN, post(token));
    if proxy.revocation.is_some() {
        router = router.route(REVOCATION, post(revoke));
    }
    router
        .with_state(Arc::new(proxy))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(move |request, next| {
            enforce(limit.clone(), too_often, request, next)
        }))
        .layer(middleware::from_fn_with_state(
            origin,
            same_origin::require_same_origin,
        ))
}

async fn token(State(proxy): State<Arc<TokenProxy>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = read(&headers, &body).filter(|form| proxy.is_token_request(form));
    proxy.forward(&proxy.token, form).await
}

async fn revoke(State(proxy): State<Arc<TokenProxy>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = read(&headers, &body).filter(|form| proxy.has(form, &REVOCATION_FIELDS));
    let revocation = proxy.revocation.clone().unwrap_or_default();
    proxy.forward(&revocation, form).await
}

/// The fields of a form, none of which may be there twice.
fn read(headers: &HeaderMap, body: &[u8]) -> Option<Form> {
    let mut form = Form::new();
    let mut pairs = form_urlencoded::parse(body);
    let is_new = pairs.all(|(name, value)| {
        let value = Secret::new(value);
        form.insert(name.into_owned(), value).is_none()
    });
    (is_new && has_form(headers)).then_some(form)
}

impl TokenProxy {
    /// Whether a form is for the token endpoint (rule 2).
    fn is_token_request(&self, form: &Form) -> bool {
        match value(form, "grant_type") {
            Some("authorization_code") => {
                self.has(form, &EXCHANGE_FIELDS)
                    && value(form, "redirect_uri") == Some(&self.redirect_uri)
            }
            Some("refresh_token") => self.has(form, &RENEWAL_FIELDS),
            _ => false,
        }
    }

    /// Whether a form of our client has these fields, with something in them.
    fn has(&self, form: &Form, fields: &[&str]) -> bool {
        let is_filled = |field: &&str| value(form, field).is_some_and(|value| !value.is_empty());
        value(form, "client_id") == Some(&self.client_id)
            && form.len() == fields.len() + 1
            && fields.iter().all(is_filled)
    }

    /// Forwards a valid form with the secret added.
    async fn forward(&self, url: &Uri, form: Option<Form>) -> Response {
        let Some(form) = form else {
            return error(StatusCode::BAD_REQUEST, "invalid_request");
        };
        let secret = match self.secret.read() {
            Ok(secret) => secret,
            Err(why) => {
                tracing::error!(why, "no client secret");
                return unavailable();
            }
        };
        let (request, body) = self.authenticated_request(url, &form, &secret);
        match fetch::send(&self.client, request, Body::from(body)).await {
            Ok((status, body)) => relay(url, status, &body),
            Err(why) => {
                tracing::warn!("{url} {why}");
                unavailable()
            }
        }
    }

    /// The request with the secret in it (RFC 6749 §2.3.1).
    fn authenticated_request(
        &self,
        url: &Uri,
        form: &Form,
        secret: &Secret,
    ) -> (axum::http::request::Builder, String) {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, value.expose());
        }
        let mut request = Request::post(url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        match self.secret.authentication() {
            ClientAuthentication::Post => {
                body.append_pair("client_secret", secret.expose());
            }
            ClientAuthentication::Basic => {
                let credentials = basic(&self.client_id, secret);
                request = request.header(header::AUTHORIZATION, credentials);
            }
        }
        (request, body.finish())
    }
}

fn value<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(Secret::expose)
}

/// Both halves are encoded as in a form before they are joined.
fn basic(client_id: &str, secret: &Secret) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = [&encode(client_id), ":", &encode(secret.expose())].concat();
    format!("Basic {}", BASE64_STANDARD.encode(credentials))
}

/// The response to the worker, made of the provider's (rule 4).
fn relay(url: &Uri, status: StatusCode, body: &[u8]) -> Response {
    let said: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    let refused = said.as_ref().and_then(|said| said["error"].as_str());
    if refused == Some("invalid_client") {
        tracing::error!(
            "{url} refuses our client's secret: is that in `client.secret_file` right?"
        );
        return unavailable();
    }
    if status.is_redirection() || status.is_informational() {
        tracing::warn!("{url} answers {status}");
        return unavailable();
    }
    match said {
        Some(said) => json_with(status, &said),
        None => status.into_response(),
    }
}

/// An error that passes (RFC 6749 §4.1.2.1): it signs no user out.
fn unavailable() -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
}

/// The same, for a while: the worker asks again, whichever of the two it reads.
fn too_often(_: &Problem) -> Response {
    let mut answer = error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    answer
        .headers_mut()
        .insert(header::RETRY_AFTER, SOON.into());
    answer
}

fn error(status: StatusCode, code: &str) -> Response {
    json_with(status, &json!({ "error": code }))
}

fn json_with(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §2.3.1, by way of RFC 7617 §2; the second as `urlencode` and
    /// `base64` of a shell make it.
    #[test]
    fn credentials_are_encoded_twice() {
        let table = [
            (
                "Aladdin",
                "open sesame",
                "Basic QWxhZGRpbjpvcGVuK3Nlc2FtZQ==",
            ),
            ("a:b", "ü%", "Basic YSUzQWI6JUMzJUJDJTI1"),
        ];
        for (name, secret, expected) in table {
            assert_eq!(basic(name, &Secret::new(secret)), expected);
        }
    }

    #[test]
    fn what_is_no_form_is_not_read() {
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        let table = [
            (form, "a=1&b=2", true),
            (form, "a=1&a=1", false),
            ("text/plain", "a=1", false),
        ];
        for (kind, body, is_read) in table {
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(
                read(&headers, body.as_bytes()).is_some(),
                is_read,
                "{kind} {body}"
            );
        }
    }
}
