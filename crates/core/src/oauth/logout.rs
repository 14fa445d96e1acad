//! Signing out: revoke the refresh token (RFC 7009), then end the login session.

use super::FormPost;
use crate::{Config, Secret, query};

/// Builds the request that revokes `refresh` and everything issued from it;
/// `None` if the provider takes none.
pub fn revoke(refresh: &Secret, config: &Config) -> Option<FormPost> {
    let url = &config.provider.endpoints.revocation;
    let fields = [
        ("token", refresh.expose()),
        ("client_id", &config.provider.client_id),
    ];
    (!url.is_empty()).then(|| FormPost::new(url, &fields))
}

/// Where to send the browser to end the hosted login's own session.
///
/// Without it the provider's cookie signs the user straight in again; a provider
/// that has no such endpoint leaves it at that. Where to go afterwards is said in
/// Cognito's word and in the standard's (OpenID Connect RP-Initiated Logout 1.0
/// §2), each of which the other ignores. The standard's `id_token_hint` is left
/// out: a token in a URL is in histories and logs.
pub fn url(config: &Config) -> String {
    let endpoint = &config.provider.endpoints.end_session;
    if endpoint.is_empty() {
        return config.logout_uri();
    }
    let back = config.logout_uri();
    let pairs = [
        ("client_id", config.provider.client_id.as_str()),
        ("logout_uri", &back),
        ("post_logout_redirect_uri", &back),
    ];
    query::append(endpoint, &pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn the_session_ends_where_the_provider_says() {
        let mut config = testing::config();
        assert_eq!(
            url(&config),
            "https://login.example.com/logout?client_id=client\
             &logout_uri=https%3A%2F%2Fmlflow.example.com%2F\
             &post_logout_redirect_uri=https%3A%2F%2Fmlflow.example.com%2F"
        );
        config.provider.endpoints.end_session = "https://a.example/end?x".to_owned();
        assert!(url(&config).starts_with("https://a.example/end?x&client_id=client&"));
        config.provider.endpoints.end_session.clear();
        assert_eq!(url(&config), "https://mlflow.example.com/");
    }

    #[test]
    fn nothing_is_revoked_where_nothing_can_be() {
        let mut config = testing::config();
        let request = revoke(&Secret::new("r"), &config).unwrap();
        assert_eq!(request.url, "https://login.example.com/oauth2/revoke");
        config.provider.endpoints.revocation.clear();
        assert_eq!(revoke(&Secret::new("r"), &config), None);
    }
}
