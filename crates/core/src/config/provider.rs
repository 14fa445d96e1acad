//! Who signs people in.

use serde::Serialize;

use super::{Endpoints, Groups, read_origin, read_url};
use crate::{
    Origin,
    json::{Object, Wrong},
};

/// The identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// The hosted login's origin.
    pub domain: Origin,
    /// The `iss` of its tokens. Cognito's differs from the login's host and
    /// has two forms, so it is never computed.
    pub issuer: String,
    /// The app client; it has no secret.
    pub client_id: String,
    /// Requested scopes; `openid` must be among them.
    pub scopes: Vec<String>,
    /// Where it answers; on Cognito's paths unless it is said.
    pub endpoints: Endpoints,
    /// Where its tokens name a user's groups.
    #[serde(skip_serializing_if = "Groups::are_usual")]
    pub groups: Groups,
}

impl Provider {
    /// Reads it, for a site at `own`.
    pub(super) fn read(provider: Object<'_>, own: &Origin) -> Result<Self, Wrong> {
        let known = [
            "domain",
            "issuer",
            "client_id",
            "scopes",
            "endpoints",
            "groups",
        ];
        provider.only(&known)?;
        let domain = read_origin(provider, "domain")?;
        read_url(provider, "domain", domain.as_str(), own)?;
        let issuer = provider.text("issuer")?;
        // Its keys are below it, or where it says.
        read_url(provider, "issuer", issuer, own)?;
        let client_id = provider.text("client_id")?;
        if client_id.trim().is_empty() {
            return provider.wrong("client_id", "is empty");
        }
        Ok(Self {
            endpoints: Endpoints::read(provider, &domain, own)?,
            groups: Groups::read(provider)?,
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
