//! Leaving: revoke the refresh token (RFC 7009), then end the login session.

use super::{FormPost, encode};
use crate::{Config, Secret};

/// Builds the request that revokes `refresh` and everything issued from it.
pub fn revoke(refresh: &Secret, config: &Config) -> FormPost {
    FormPost::new(
        format!("{}/oauth2/revoke", config.provider.domain),
        &[
            ("token", refresh.expose()),
            ("client_id", &config.provider.client_id),
        ],
    )
}

/// Where to send the browser to end the hosted login's own session.
///
/// Without it the provider's cookie signs the user straight in again.
pub fn url(config: &Config) -> String {
    let query = encode(&[
        ("client_id", config.provider.client_id.as_str()),
        ("logout_uri", &config.logout_uri()),
    ]);
    format!("{}/logout?{query}", config.provider.domain)
}
