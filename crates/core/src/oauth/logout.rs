//! Leaving: revoke the refresh token (RFC 7009), then end the login session.

use super::FormPost;
use crate::{Config, Secret, form::Form};

/// Builds the request that revokes `refresh` and everything issued from it.
pub fn revoke(refresh: &Secret, config: &Config) -> FormPost {
    let fields = Form::default()
        .with("token", refresh.expose())
        .with("client_id", &config.provider.client_id);
    FormPost::new(
        [config.provider.domain.as_str(), "/oauth2/revoke"].concat(),
        &fields,
    )
}

/// Where to send the browser to end the hosted login's own session.
///
/// Without it the provider's cookie signs the user straight in again.
pub fn url(config: &Config) -> String {
    let query = Form::default()
        .with("client_id", &config.provider.client_id)
        .with("logout_uri", config.logout_uri())
        .write();
    [config.provider.domain.as_str(), "/logout?", &query].concat()
}
