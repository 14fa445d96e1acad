//! The provider's endpoints.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::{read_url, split_url};
use crate::{Origin, read};

/// The provider's endpoints, as URLs: Cognito's, below its login host, or those
/// that another provider publishes (OpenID Connect Discovery 1.0 §3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// `authorization_endpoint`. It may have a query, which is kept
    /// (RFC 6749 §3.1): Google wants `access_type=offline` there.
    #[serde(deserialize_with = "url")]
    pub authorization: String,
    /// `token_endpoint`.
    #[serde(deserialize_with = "url")]
    pub token: String,
    /// `revocation_endpoint`; empty if there is none, and then nothing is revoked
    /// at sign-out.
    #[serde(
        default,
        deserialize_with = "maybe_url",
        skip_serializing_if = "String::is_empty"
    )]
    pub revocation: String,
    /// `end_session_endpoint`; empty if there is none, and then sign-out ends at
    /// the shell.
    #[serde(
        default,
        deserialize_with = "maybe_url",
        skip_serializing_if = "String::is_empty"
    )]
    pub end_session: String,
}

impl Endpoints {
    /// Cognito's, below the hosted login (its Developer Guide, "Managed login
    /// endpoints").
    pub fn of_cognito(domain: &Origin) -> Self {
        let at = |path| format!("{domain}{path}");
        Self {
            authorization: at("/oauth2/authorize"),
            token: at("/oauth2/token"),
            revocation: at("/oauth2/revoke"),
            end_session: at("/logout"),
        }
    }

    /// The origin of the endpoint that ends a login session, if there is one.
    pub(crate) fn end_session_origin(&self) -> Option<Origin> {
        Origin::parse(split_url(&self.end_session).0).ok()
    }

    /// The origins that the worker talks to.
    pub(crate) fn of_worker(&self) -> impl Iterator<Item = Origin> {
        let urls = [&self.token, &self.revocation].into_iter();
        urls.filter_map(|url| Origin::parse(split_url(url).0).ok())
    }
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    read::checked(deserializer, |url| normalised(&url))
}

fn maybe_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let url = Option::<String>::deserialize(deserializer)?;
    url.map_or_else(|| Ok(String::new()), |url| normalised(&url))
        .map_err(D::Error::custom)
}

fn normalised(url: &str) -> Result<String, String> {
    let (origin, path) = read_url(url)?;
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    if !path.bytes().all(fits) {
        return Err("has a space or a `#`".to_owned());
    }
    Ok(format!("{origin}{path}"))
}
