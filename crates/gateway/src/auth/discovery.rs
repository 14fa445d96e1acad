//! Discovery of an issuer's endpoints and keys (OpenID Connect Discovery 1.0 §4).
//!
//! 1. An issuer is an `https` URL without query and fragment; on this machine
//!    it may be `http`.
//! 2. Its document is at the issuer, without a final `/`, with
//!    `/.well-known/openid-configuration` after it. A redirect is no document.
//! 3. The document's `issuer` is the one that was asked, letter by letter (§4.3):
//!    another issuer must not speak for it. So Entra ID's issuers
//!    for all tenants (`common`), whose documents have a placeholder, are none.
//! 4. What it names is `https`, too, and on this machine only if the issuer is.
//!
//! Nothing that is missing is guessed.

use std::fmt;

use serde::Deserialize;
use shell_core::{algorithm::Algorithms, config::Endpoints};

use crate::{
    http_client::{
        HttpClient,
        fetch::{self, FetchError},
    },
    settings::issuer_url,
};

/// Where an issuer's endpoints and keys are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DiscoveredProvider {
    issuer: String,
    /// Where its keys are.
    pub(crate) jwks_uri: String,
    /// Where users sign in.
    pub(crate) authorization_endpoint: Option<String>,
    /// Where a code is exchanged.
    pub(crate) token_endpoint: Option<String>,
    /// Where a refresh token is revoked (RFC 8414 §2).
    pub(crate) revocation_endpoint: Option<String>,
    /// Where a login session ends (OpenID Connect RP-Initiated Logout 1.0).
    pub(crate) end_session_endpoint: Option<String>,
    /// Where a sign-in on another device begins (RFC 8628 §4).
    pub device_authorization_endpoint: Option<String>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
}

/// Why an issuer's document is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryError {
    sentence: String,
    may_pass: bool,
}

/// Asks `issuer` where its endpoints and keys are.
///
/// # Errors
/// If it does not answer, or not by the rules above.
pub async fn discover(
    client: &HttpClient,
    issuer: &str,
) -> Result<DiscoveredProvider, DiscoveryError> {
    let refused = |sentence| DiscoveryError {
        sentence,
        may_pass: false,
    };
    let url = issuer_url::discovery_url(issuer).map_err(refused)?;
    let document = fetch::fetch_document(client, &url).await;
    let document = document.map_err(|error: FetchError| DiscoveryError {
        may_pass: error.may_pass(),
        ..wrong(&url, &error)
    })?;
    accept(issuer, &document)
}

/// Reads the document that `issuer` answered with.
pub(crate) fn accept(issuer: &str, document: &str) -> Result<DiscoveredProvider, DiscoveryError> {
    let subject = format!("the document of `{issuer}`");
    let found: DiscoveredProvider =
        serde_json::from_str(document).map_err(|error| wrong(&subject, &ParseFailure(error)))?;
    if found.issuer != issuer {
        let problem = format!("is that of `{}`: name the issuer so", found.issuer);
        return Err(wrong(&subject, &problem));
    }
    let is_local = issuer_url::is_local(issuer);
    for (name, url) in found.urls() {
        issuer_url::check(url, is_local)
            .map_err(|problem| wrong(&subject, &format!("has a `{name}` that {problem}")))?;
    }
    Ok(found)
}

impl DiscoveredProvider {
    /// Whether users can sign in there as we do: by code and PKCE, with ID
    /// tokens that are signed with one of `algorithms`. What a document leaves out is
    /// not checked.
    pub(crate) fn check_sign_in(&self, algorithms: &Algorithms) -> Result<(), DiscoveryError> {
        let subject = format!("the document of `{}`", self.issuer);
        let lacks = |list: &Option<Vec<String>>, wanted: &str| {
            let has = |list: &Vec<String>| list.iter().any(|item| item == wanted);
            list.as_ref().is_some_and(|list| !has(list))
        };
        if let Some(signed_with) = self.none_of(algorithms) {
            let problem = format!(
                "has {signed_with} as the algorithms that sign ID tokens, and this site takes \
                 {algorithms}: choose another at the provider, or correct `provider.algorithms`"
            );
            return Err(wrong(&subject, &problem));
        }
        let problem = if lacks(&self.code_challenge_methods_supported, "S256") {
            "has no S256 among the methods of PKCE"
        } else if self.authorization_endpoint.is_none() {
            "has no `authorization_endpoint`"
        } else if self.token_endpoint.is_none() {
            "has no `token_endpoint`"
        } else {
            return Ok(());
        };
        Err(wrong(&subject, &problem))
    }

    /// The algorithms that it names, if none of them is among `algorithms`.
    fn none_of(&self, algorithms: &Algorithms) -> Option<String> {
        let named = self.id_token_signing_alg_values_supported.as_ref()?;
        let is_taken = |name: &String| algorithms.check(name).is_ok();
        (!named.iter().any(is_taken)).then(|| named.join(", "))
    }

    /// Where users sign in and tokens are issued, if it says both.
    pub fn endpoints(&self) -> Option<Endpoints> {
        Some(Endpoints {
            authorization: self.authorization_endpoint.clone()?,
            token: self.token_endpoint.clone()?,
            revocation: self.revocation_endpoint.clone().unwrap_or_default(),
            end_session: self.end_session_endpoint.clone().unwrap_or_default(),
        })
    }

    fn urls(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = [
            ("jwks_uri", Some(&self.jwks_uri)),
            (
                "authorization_endpoint",
                self.authorization_endpoint.as_ref(),
            ),
            ("token_endpoint", self.token_endpoint.as_ref()),
            ("revocation_endpoint", self.revocation_endpoint.as_ref()),
            ("end_session_endpoint", self.end_session_endpoint.as_ref()),
            (
                "device_authorization_endpoint",
                self.device_authorization_endpoint.as_ref(),
            ),
        ];
        let named = named.into_iter();
        named.filter_map(|(name, url)| Some((name, url?.as_str())))
    }
}

fn wrong(subject: &dyn fmt::Display, problem: &dyn fmt::Display) -> DiscoveryError {
    DiscoveryError {
        sentence: format!("{subject} {problem}"),
        may_pass: false,
    }
}

/// The parser's message, for the administrator.
struct ParseFailure(serde_json::Error);

impl fmt::Display for ParseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not one of OpenID Connect Discovery: {}", self.0)
    }
}

impl DiscoveryError {
    /// Whether asking again later may help.
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for DiscoveryError {}

#[cfg(test)]
mod tests;
