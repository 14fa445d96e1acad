//! Which URLs an issuer may have.
//!
//! 1. An issuer is an `https` URL without query and fragment; on this machine
//!    it may be `http`.
//! 2. Its endpoints and keys are `https`, too, and on this machine only if the
//!    issuer is.

use axum::http::Uri;
use shell_core::Origin;

/// The URL of the discovery document of `issuer` (OpenID Connect Discovery 1.0
/// §4).
///
/// # Errors
/// If the issuer's URL breaks a rule above: with the rule.
pub(crate) fn discovery_url(issuer: &str) -> Result<Uri, String> {
    let refused = |problem: &str| format!("the issuer `{issuer}` {problem}");
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

/// Checks a URL by the rules above; it may be one of this machine if
/// `may_be_local`.
///
/// # Errors
/// With what is wrong, as the end of a sentence about the URL.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_at_the_issuer_without_a_final_slash() {
        let table = [
            (
                "https://id.example.com/realms/ml",
                Ok("https://id.example.com/realms/ml/.well-known/openid-configuration"),
            ),
            (
                "https://id.example.com/",
                Ok("https://id.example.com/.well-known/openid-configuration"),
            ),
            (
                "http://localhost:9/pool",
                Ok("http://localhost:9/pool/.well-known/openid-configuration"),
            ),
            (
                "http://id.example.com",
                Err("must use https:// unless the host is localhost"),
            ),
            ("https://id.example.com?tenant=1", Err("has a query")),
            ("https://id.example.com/#a", Err("has a fragment")),
            (
                "https://me@id.example.com",
                Err("must be only scheme, host and port, with no path"),
            ),
            (
                "ftp://id.example.com",
                Err("must begin with https:// (or http://localhost)"),
            ),
            ("id.example.com", Err("is not an absolute URL")),
            ("", Err("is not a URL")),
        ];
        for (issuer, expected) in table {
            let found = discovery_url(issuer).map(|url| url.to_string());
            let expected = expected.map(String::from);
            let expected = expected.map_err(|problem| format!("the issuer `{issuer}` {problem}"));
            assert_eq!(found, expected, "{issuer}");
        }
    }
}
