//! Who signs people in.

use serde::Serialize;

use crate::{
    Origin,
    json::{Object, Wrong},
};

/// The identity provider, on Amazon Cognito's paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// The hosted login's origin. Endpoints are paths below it.
    pub domain: Origin,
    /// The `iss` of its tokens. Cognito's differs from the login's host and
    /// has two forms, so it is never computed.
    pub issuer: String,
    /// The app client; it has no secret.
    pub client_id: String,
    /// Requested scopes; `openid` must be among them.
    pub scopes: Vec<String>,
}

impl Provider {
    pub(super) fn read(provider: Object<'_>, domain: Origin) -> Result<Self, Wrong> {
        provider.only(&["domain", "issuer", "client_id", "scopes"])?;
        let issuer = provider.text("issuer")?;
        if !issuer.starts_with("https://") && !domain.is_loopback() {
            return provider.wrong("issuer", "must be an https URL");
        }
        let client_id = provider.text("client_id")?;
        if client_id.trim().is_empty() {
            return provider.wrong("client_id", "is empty");
        }
        Ok(Self {
            domain,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            scopes: read_scopes(provider)?,
        })
    }
}

fn read_scopes(provider: Object<'_>) -> Result<Vec<String>, Wrong> {
    let scopes = provider
        .maybe_texts("scopes")?
        .unwrap_or_else(default_scopes);
    if scopes.iter().any(|scope| scope == "openid") {
        Ok(scopes)
    } else {
        provider.wrong("scopes", "must have `openid` among them")
    }
}

fn default_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(String::from).to_vec()
}
