//! Where the provider answers.

use serde::Serialize;

use super::split_url;
use crate::{
    Origin,
    json::{Object, Wrong},
};

/// The provider's endpoints, as URLs: Cognito's, below its login host, or those
/// that another provider publishes (OpenID Connect Discovery 1.0 §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    /// `authorization_endpoint`. It may have a query, which is kept
    /// (RFC 6749 §3.1): Google wants `access_type=offline` there.
    pub authorization: String,
    /// `token_endpoint`.
    pub token: String,
    /// `revocation_endpoint`: without one nothing is revoked at sign-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation: Option<String>,
    /// `end_session_endpoint`: without one sign-out ends at the shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_session: Option<String>,
}

impl Endpoints {
    /// Cognito's, below the hosted login (its Developer Guide, "Managed login
    /// endpoints").
    pub fn of_cognito(domain: &Origin) -> Self {
        let at = |path| [domain.as_str(), path].concat();
        Self {
            authorization: at("/oauth2/authorize"),
            token: at("/oauth2/token"),
            revocation: Some(at("/oauth2/revoke")),
            end_session: Some(at("/logout")),
        }
    }

    /// Reads them, for a site at `own`.
    pub(super) fn read(provider: Object<'_>, domain: &Origin, own: &Origin) -> Result<Self, Wrong> {
        let Some(object) = provider.maybe_object("endpoints", "provider.endpoints.")? else {
            return Ok(Self::of_cognito(domain));
        };
        object.only(&["authorization", "token", "revocation", "end_session"])?;
        let read = |key| read_url(object, key, object.text(key)?, own);
        let maybe = |key| match object.maybe_text(key)? {
            Some(url) => read_url(object, key, url, own).map(Some),
            None => Ok(None),
        };
        Ok(Self {
            authorization: read("authorization")?,
            token: read("token")?,
            revocation: maybe("revocation")?,
            end_session: maybe("end_session")?,
        })
    }

    /// The origins that the worker talks to.
    pub(crate) fn of_worker(&self) -> impl Iterator<Item = Origin> {
        let urls = [Some(&self.token), self.revocation.as_ref()];
        let origin = |url: &String| Origin::parse(split_url(url).0).ok();
        urls.into_iter().flatten().filter_map(origin)
    }
}

fn read_url(object: Object<'_>, key: &str, url: &str, own: &Origin) -> Result<String, Wrong> {
    let (origin, path) = super::read_url(object, key, url, own)?;
    if path.contains(|c: char| !c.is_ascii_graphic() || c == '#') {
        return object.wrong(
            key,
            "has a fragment, a space or another sign that a URL has not",
        );
    }
    Ok([origin.as_str(), path].concat())
}
