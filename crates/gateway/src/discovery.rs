//! What an issuer tells of itself (OpenID Connect Discovery 1.0 §4).
//!
//! 1. An issuer is an `https` URL without query and fragment; on this machine
//!    it may be `http`.
//! 2. Its document is at the issuer, without a final `/`, with
//!    `/.well-known/openid-configuration` after it. A redirect is no document.
//! 3. The document's `issuer` is the one that was asked, letter by letter (§4.3):
//!    who calls itself otherwise speaks for somebody else. So Entra ID's issuers
//!    for all tenants (`common`), whose documents have a placeholder, are none.
//! 4. What it names is `https`, too, and on this machine only if the issuer is.
//!
//! Nothing that is missing is guessed.

use std::fmt;

use axum::http::Uri;
use serde::Deserialize;
use shell_core::Origin;

use crate::{
    client::Client,
    fetch::{self, FetchError},
};

/// Where an issuer's endpoints and keys are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Discovered {
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
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
}

/// Why an issuer is not believed: who, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiscoveryError {
    subject: String,
    problem: String,
}

/// Asks `issuer` where its endpoints and keys are.
pub(crate) async fn discover(client: &Client, issuer: &str) -> Result<Discovered, DiscoveryError> {
    let url = address(issuer)?;
    let document = fetch::document(client, &url).await;
    let document = document.map_err(|error: FetchError| wrong(&url, &error))?;
    accept(issuer, &document)
}

/// Where the document of `issuer` is.
pub(crate) fn address(issuer: &str) -> Result<Uri, DiscoveryError> {
    let refused = |problem: &str| wrong(&format!("the issuer `{issuer}`"), &problem);
    check(issuer, true).map_err(|problem| refused(&problem))?;
    if issuer.contains('?') {
        return Err(refused("has a query"));
    }
    let url = [
        issuer.trim_end_matches('/'),
        "/.well-known/openid-configuration",
    ];
    url.concat().parse().map_err(|_| refused("is not a URL"))
}

/// Reads the document that `issuer` answered with.
pub(crate) fn accept(issuer: &str, document: &str) -> Result<Discovered, DiscoveryError> {
    let subject = format!("the document of `{issuer}`");
    let found: Discovered =
        serde_json::from_str(document).map_err(|error| wrong(&subject, &Unreadable(error)))?;
    if found.issuer != issuer {
        let problem = format!("is that of `{}`: name the issuer so", found.issuer);
        return Err(wrong(&subject, &problem));
    }
    let is_local = is_local(issuer);
    for (name, url) in found.urls() {
        check(url, is_local)
            .map_err(|problem| wrong(&subject, &format!("has a `{name}` that {problem}")))?;
    }
    Ok(found)
}

impl Discovered {
    /// Whether users can sign in there as we do: by code and PKCE, with ID
    /// tokens that can be checked. What a document does not say is left open.
    pub(crate) fn check_sign_in(&self) -> Result<(), DiscoveryError> {
        let subject = format!("the document of `{}`", self.issuer);
        let lacks = |list: &Option<Vec<String>>, wanted: &str| {
            let has = |list: &Vec<String>| list.iter().any(|item| item == wanted);
            list.as_ref().is_some_and(|list| !has(list))
        };
        let problem = if lacks(&self.id_token_signing_alg_values_supported, "RS256") {
            "has no RS256 among the algorithms that sign ID tokens"
        } else if lacks(&self.code_challenge_methods_supported, "S256") {
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
        ];
        let named = named.into_iter();
        named.filter_map(|(name, url)| Some((name, url?.as_str())))
    }
}

/// What is wrong with a URL, if anything is: see rules 1 and 4.
pub(crate) fn check(text: &str, may_be_local: bool) -> Result<(), String> {
    let uri: Uri = text.parse().map_err(|_| "is not a URL".to_owned())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("is not an absolute URL".to_owned());
    };
    if text.contains('#') {
        return Err("has a fragment".to_owned());
    }
    let origin = Origin::parse(&format!("{scheme}://{authority}"));
    let origin = origin.map_err(|error| error.to_string())?;
    if origin.is_loopback() && !may_be_local {
        return Err("is on this machine, where the issuer is not".to_owned());
    }
    Ok(())
}

/// Whether a URL is one of this machine.
pub(crate) fn is_local(url: &str) -> bool {
    check(url, true).is_ok() && check(url, false).is_err()
}

fn wrong(subject: &dyn fmt::Display, problem: &dyn fmt::Display) -> DiscoveryError {
    DiscoveryError {
        subject: subject.to_string(),
        problem: problem.to_string(),
    }
}

/// The parser's words would say which of our fields it was reading, and where
/// in their document: for the administrator, who has it before them.
struct Unreadable(serde_json::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not one of OpenID Connect Discovery: {}", self.0)
    }
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.problem)
    }
}

impl std::error::Error for DiscoveryError {}

#[cfg(test)]
mod tests;
