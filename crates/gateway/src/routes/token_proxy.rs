//! The token-endpoint proxy: the provider's token endpoint, asked by the gateway.
//!
//! Some providers, Google among them, demand a secret of every web application,
//! even of one that uses PKCE. A page can keep none, so the gateway does. Others let
//! no page read their answers. With `provider.via_gateway` the gateway keeps the
//! refresh token, too (`mediation`).
//!
//! ```text
//!  worker ── POST /oauth2/token ──▶ gateway ── the same, with the secret ──▶ provider
//!  worker ── POST /oauth2/revoke ─▶ gateway ── the same, with the secret ──▶ provider
//! ```
//!
//! Which requests are passed on:
//!
//! 1. A browser says where a request comes from, and only our own pages and
//!    their worker are answered.
//! 2. A form has the fields that our worker sends and no others, each once: it
//!    exchanges a code with a `code_verifier`, renews, or revokes. It is of our
//!    `client_id`, and a code was issued for our `redirect_uri`.
//! 3. A program may say that it is a browser. It has to have a code and its
//!    verifier all the same, or a refresh token, which the worker tells no page.
//! 4. The answer is handed on as it is, if it is JSON; nothing of it is kept or
//!    logged. Only that the provider refuses the client itself is not handed
//!    on: that signs no user out.
//! 5. A client may ask so often (`rate_limit`): the provider counts what the
//!    gateway asks, and not for which client.

mod cookie;
mod form;
mod mediation;
mod provider;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use shell_core::{Config, refusal::Problem};

use self::{
    form::{Form, FormRules},
    mediation::Mediation,
    provider::{ProviderClient, Purpose, error},
};
use crate::{
    auth::{api_tokens::TokenKeys, kept_sessions::KeptSessions},
    error_response::SOON,
    http_client::HttpClient,
    middleware::{
        rate_limit::{RateLimit, enforce},
        same_origin,
    },
    settings::ClientSecret,
};

/// Where the worker exchanges codes and renews tokens.
pub(crate) const TOKEN: &str = "/oauth2/token";

/// Where the worker revokes a refresh token.
pub(crate) const REVOCATION: &str = "/oauth2/revoke";

/// The largest form: a refresh token may have some KB.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// What asks the provider in the place of our pages.
#[derive(Debug, Clone)]
pub(crate) struct TokenProxy {
    origin: String,
    asks: Asks,
}

/// How it does.
#[derive(Debug, Clone)]
enum Asks {
    /// With the client's secret; the worker keeps the refresh token.
    WithSecret(Arc<Forwarder>),
    /// As the one who keeps the refresh token.
    Mediating(Arc<Mediation>),
}

/// Forwards forms and answers.
#[derive(Debug, Clone)]
struct Forwarder {
    rules: FormRules,
    provider: ProviderClient,
}

impl TokenProxy {
    /// The proxy, if the client has a secret or the gateway keeps the sessions.
    pub(crate) fn new(
        config: &Config,
        secret: &ClientSecret,
        keys: &TokenKeys,
        client: &HttpClient,
    ) -> Option<Self> {
        let rules = FormRules::of(config);
        let provider = ProviderClient::new(config, secret, client);
        let asks = if config.provider.via_gateway {
            let sessions = KeptSessions::new(config, keys.sessions().clone());
            let mediation = Mediation::new(config, rules, provider, sessions);
            Asks::Mediating(Arc::new(mediation))
        } else if secret.is_given() {
            Asks::WithSecret(Arc::new(Forwarder { rules, provider }))
        } else {
            return None;
        };
        let origin = config.origin.as_str().to_owned();
        Some(Self { origin, asks })
    }

    /// The configuration as pages get it: they ask us in the provider's place.
    pub(crate) fn rewrite_config(&self, config: &Config) -> Config {
        let mut config = config.clone();
        let ours = |path: &str| [&self.origin, path].concat();
        config.provider.endpoints.token = ours(TOKEN);
        if self.revokes() {
            config.provider.endpoints.revocation = ours(REVOCATION);
        }
        config
    }

    /// Whether it is asked to revoke: where the cookie is ours, in any case.
    fn revokes(&self) -> bool {
        match &self.asks {
            Asks::WithSecret(forwarder) => forwarder.provider.revocation.is_some(),
            Asks::Mediating(_) => true,
        }
    }
}

/// The two addresses, for clients that stay within `limit`.
pub(crate) fn router(proxy: TokenProxy, limit: Arc<RateLimit>) -> Router {
    let origin: Arc<str> = proxy.origin.as_str().into();
    let revokes = proxy.revokes();
    let router = match proxy.asks {
        Asks::WithSecret(forwarder) => {
            let revoke = revokes.then(|| post(revoke));
            routes(post(token), revoke).with_state(forwarder)
        }
        Asks::Mediating(mediation) => {
            let revoke = Some(post(mediation::revoke));
            routes(post(mediation::token), revoke).with_state(mediation)
        }
    };
    router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(move |request, next| {
            enforce(limit.clone(), too_often, request, next)
        }))
        .layer(middleware::from_fn_with_state(
            origin,
            same_origin::require_same_origin,
        ))
}

fn routes<S: Clone + Send + Sync + 'static>(
    token: MethodRouter<S>,
    revoke: Option<MethodRouter<S>>,
) -> Router<S> {
    let router = Router::new().route(TOKEN, token);
    match revoke {
        Some(revoke) => router.route(REVOCATION, revoke),
        None => router,
    }
}

async fn token(State(proxy): State<Arc<Forwarder>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form::read(&headers, &body);
    let form = form.filter(|form| proxy.rules.token_request(form).is_some());
    proxy
        .forward(Purpose::Tokens, &proxy.provider.token, form)
        .await
}

async fn revoke(State(proxy): State<Arc<Forwarder>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form::read(&headers, &body).filter(|form| proxy.rules.is_revocation(form));
    let revocation = proxy.provider.revocation.clone().unwrap_or_default();
    proxy.forward(Purpose::Revocation, &revocation, form).await
}

impl Forwarder {
    /// Forwards a valid form with the secret added.
    async fn forward(&self, purpose: Purpose, url: &Uri, form: Option<Form>) -> Response {
        let Some(form) = form else {
            return error(StatusCode::BAD_REQUEST, "invalid_request");
        };
        match self.provider.ask(purpose, url, &form).await {
            Ok(answer) => answer.relay(),
            Err(why) => why.into_response(),
        }
    }
}

/// An error that passes: the worker asks again, whichever of the two it reads.
fn too_often(_: &Problem) -> Response {
    let mut answer = error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    answer
        .headers_mut()
        .insert(header::RETRY_AFTER, SOON.into());
    answer
}
