//! One module per endpoint.

mod authorize;
mod discovery;
mod error;
mod login;
mod logout;
mod revoke;
mod token;
mod user_info;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::HeaderMap,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};

use crate::{Provider, headers, settings::POOL};

/// More than a form with a token needs, in bytes.
const MAX_BODY: usize = 16 * 1024;

impl Provider {
    /// The endpoints. They answer only requests whose `Host` is this machine.
    pub fn router(&self) -> Router {
        navigated(self)
            .merge(fetched(self))
            .merge(published())
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(from_fn(headers::stay_local))
            .with_state(self.clone())
    }
}

fn navigated(provider: &Provider) -> Router<Provider> {
    Router::new()
        .route("/oauth2/authorize", get(authorize::get))
        .route("/login", get(login::get).post(login::post))
        .route("/logout", get(logout::get).post(logout::post))
        .route("/error", get(error::get))
        .route_layer(from_fn_with_state(provider.clone(), headers::page))
}

fn fetched(provider: &Provider) -> Router<Provider> {
    Router::new()
        .route(headers::TOKEN, post(token::post))
        .route("/oauth2/revoke", post(revoke::post))
        .route("/oauth2/userInfo", get(user_info::get))
        .route_layer(from_fn_with_state(provider.clone(), headers::cors))
}

fn published() -> Router<Provider> {
    let issuer = Router::new()
        .route("/jwks.json", get(discovery::jwks))
        .route("/openid-configuration", get(discovery::configuration));
    Router::new().nest(&format!("/{POOL}/.well-known"), issuer)
}

/// The name of the login cookie.
const COOKIE: &str = "cognito";

/// The login cookie of a request.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get("cookie")?.to_str().ok()?;
    cookies
        .split("; ")
        .filter_map(|cookie| cookie.split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}
