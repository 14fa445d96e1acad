//! Where the provider answers.

use serde::Serialize;

use super::{read_url, split_url};
use crate::{
    Origin,
    json::{Object, Wrong},
};

/// The provider's endpoints, as URLs: Cognito's, below its login host, or those
/// that another provider publishes (OpenID Connect Discovery 1.0 §3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    /// `authorization_endpoint`. It may have a query, which is kept
    /// (RFC 6749 §3.1): Google wants `access_type=offline` there.
    pub authorization: String,
    /// `token_endpoint`.
    pub token: String,
    /// `revocation_endpoint`; empty if there is none, and then nothing is revoked
    /// at sign-out.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub revocation: String,
    /// `end_session_endpoint`; empty if there is none, and then sign-out ends at
    /// the shell.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub end_session: String,
}

impl Endpoints {
    /// Cognito's, below the hosted login (its Developer Guide, "Managed login
    /// endpoints").
    pub fn of_cognito(domain: &Origin) -> Self {
        let at = |path| [domain.as_str(), path].concat();
        Self {
            authorization: at("/oauth2/authorize"),
            token: at("/oauth2/token"),
            revocation: at("/oauth2/revoke"),
            end_session: at("/logout"),
        }
    }

    /// Reads them, for a site at `own`.
    pub(super) fn read(provider: Object<'_>, domain: &Origin, own: &Origin) -> Result<Self, Wrong> {
        let Some(object) = provider.maybe_object("endpoints", "provider.endpoints.")? else {
            return Ok(Self::of_cognito(domain));
        };
        object.only(&["authorization", "token", "revocation", "end_session"])?;
        let mut read = Self::default();
        for (key, url) in [
            ("authorization", &mut read.authorization),
            ("token", &mut read.token),
            ("revocation", &mut read.revocation),
            ("end_session", &mut read.end_session),
        ] {
            if let Some(text) = object.maybe_text(key)? {
                *url = read_endpoint(object, key, text, own)?;
            }
        }
        if read.authorization.is_empty() || read.token.is_empty() {
            return provider.wrong("endpoints", "needs `authorization` and `token`");
        }
        Ok(read)
    }

    /// The origins that the worker talks to.
    pub(crate) fn of_worker(&self) -> impl Iterator<Item = Origin> {
        let urls = [&self.token, &self.revocation].into_iter();
        urls.filter_map(|url| Origin::parse(split_url(url).0).ok())
    }
}

fn read_endpoint(object: Object<'_>, key: &str, url: &str, own: &Origin) -> Result<String, Wrong> {
    let (origin, path) = read_url(object, key, url, own)?;
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    if !path.bytes().all(fits) {
        return object.wrong(key, "has a space or a `#`");
    }
    Ok([origin.as_str(), path].concat())
}
