use std::{fmt, path::PathBuf};

use axum::http::{HeaderValue, Uri, uri::PathAndQuery};
use shell_core::Config;

/// What a gateway needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The shell's configuration, served as `/config.json`.
    pub config: Config,
    /// Where the issuer publishes its keys.
    pub jwks_url: Uri,
    /// The MLflow server.
    pub upstream: Upstream,
    /// The folder with the built site.
    pub site: PathBuf,
}

/// Why settings were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an absolute `http` or `https` URL.
    #[error("`{0}` is not an http:// or https:// URL")]
    Url(String),
    /// It has a query.
    #[error("`{0}` must not have a query")]
    Query(String),
}

/// The base URL of an MLflow server; it may have a path, such as the prefix of
/// a server started with `--static-prefix`.
#[derive(Clone)]
pub struct Upstream {
    base: Uri,
    host: HeaderValue,
    prefix: String,
}

impl Settings {
    /// Where OpenID Connect issuers on Cognito's pattern publish their keys.
    ///
    /// # Panics
    /// Never: a validated configuration has a URL as its issuer or a local one.
    pub fn default_jwks_url(config: &Config) -> Uri {
        let issuer = config.provider.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/jwks.json")
            .parse()
            .unwrap_or_default()
    }
}

impl Upstream {
    /// Parses `text`, such as `http://127.0.0.1:5000`.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let invalid = || SettingsError::Url(text.to_owned());
        let base: Uri = text.parse().map_err(|_| invalid())?;
        let authority = base.authority().ok_or_else(invalid)?;
        if !matches!(base.scheme_str(), Some("http" | "https")) {
            return Err(invalid());
        }
        if base.query().is_some() {
            return Err(SettingsError::Query(text.to_owned()));
        }
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| invalid())?;
        let prefix = base.path().trim_end_matches('/').to_owned();
        Ok(Self { base, host, prefix })
    }

    /// The value of the `Host` header, which MLflow ≥ 3.5 insists on.
    pub(crate) fn host(&self) -> HeaderValue {
        self.host.clone()
    }

    /// The URL of `path` (and query) on this server.
    pub(crate) fn url(&self, path: &str, query: Option<&str>) -> Option<Uri> {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("{}{path}{query}", self.prefix);
        let mut parts = self.base.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The path on this server that a `Location` of its answers names, if it
    /// stays on this server.
    pub(crate) fn path_of<'a>(&self, location: &'a str) -> Option<&'a str> {
        let path = match location.split_once("://") {
            None => location,
            Some((_, rest)) => rest.strip_prefix(self.host.to_str().ok()?)?,
        };
        path.strip_prefix(self.prefix.as_str())
            .filter(|path| path.starts_with('/') && !path.starts_with("//"))
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({})", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_join_and_recognise_their_own_paths() {
        let bare = Upstream::parse("http://127.0.0.1:5000").unwrap();
        let prefixed = Upstream::parse("https://m.example/base/").unwrap();

        assert_eq!(
            bare.url("/graphql", None).unwrap(),
            "http://127.0.0.1:5000/graphql"
        );
        assert_eq!(
            prefixed.url("/a", Some("b=c")).unwrap(),
            "https://m.example/base/a?b=c"
        );

        assert_eq!(bare.path_of("/api/2.0"), Some("/api/2.0"));
        assert_eq!(bare.path_of("http://127.0.0.1:5000/api"), Some("/api"));
        assert_eq!(bare.path_of("http://evil.test/api"), None);
        assert_eq!(bare.path_of("//evil.test/api"), None);
        assert_eq!(prefixed.path_of("https://m.example/base/x"), Some("/x"));
        assert_eq!(prefixed.path_of("https://m.example/other"), None);
    }

    #[test]
    fn other_urls_are_refused_by_name() {
        for text in ["localhost:5000", "ftp://a/", "/x", ""] {
            assert_eq!(
                Upstream::parse(text).unwrap_err(),
                SettingsError::Url(text.into())
            );
        }
        assert!(matches!(
            Upstream::parse("http://a/?b"),
            Err(SettingsError::Query(_))
        ));
    }
}
