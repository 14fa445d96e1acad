use axum::{extract::State, response::Response};
use serde_json::json;

use crate::{Provider, respond::json_body};

/// Both public keys.
pub(super) async fn jwks(State(provider): State<Provider>) -> Response {
    json_body(&provider.jwks())
}

/// OpenID Connect discovery: endpoints at the login's origin, not under the
/// issuer.
pub(super) async fn configuration(State(provider): State<Provider>) -> Response {
    let (base, issuer) = (&provider.settings().base, provider.issuer());
    json_body(&json!({
        "authorization_endpoint": format!("{base}/oauth2/authorize"),
        "end_session_endpoint": format!("{base}/logout"),
        "id_token_signing_alg_values_supported": [provider.keys().id().algorithm().name()],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": format!("{base}/oauth2/revoke"),
        "scopes_supported": provider.settings().scopes,
        "subject_types_supported": ["public"],
        "token_endpoint": format!("{base}/oauth2/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": format!("{base}/oauth2/userInfo"),
    }))
}
