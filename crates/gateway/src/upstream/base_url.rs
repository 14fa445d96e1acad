//! A base URL.

use std::fmt;

use axum::http::{HeaderValue, Uri, uri::PathAndQuery};

use super::UpstreamError;

/// The base URL of an MLflow server; it may have a path, such as the prefix of
/// a server started with `--static-prefix`.
#[derive(Debug, Clone)]
pub(super) struct BaseUrl {
    url: Uri,
    host: HeaderValue,
    prefix: String,
}

impl BaseUrl {
    /// Parses `text`, such as `http://127.0.0.1:5000`.
    pub(super) fn parse(text: &str) -> Result<Self, UpstreamError> {
        let invalid = || UpstreamError::Url(text.to_owned());
        let url: Uri = text.parse().map_err(|_| invalid())?;
        let authority = url.authority().ok_or_else(invalid)?;
        if !matches!(url.scheme_str(), Some("http" | "https")) {
            return Err(invalid());
        }
        if url.query().is_some() {
            return Err(UpstreamError::Query(text.to_owned()));
        }
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| invalid())?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        Ok(Self { url, host, prefix })
    }

    /// The value of the `Host` header, which MLflow ≥ 3.5 insists on.
    pub(super) fn host(&self) -> HeaderValue {
        self.host.clone()
    }

    /// The URL of `path` (and query) on this server.
    pub(super) fn url(&self, path: &str, query: Option<&str>) -> Option<Uri> {
        let target = match query {
            Some(query) => [&self.prefix, path, "?", query].concat(),
            None => [&self.prefix, path].concat(),
        };
        let mut parts = self.url.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The path on this server that a `Location` of its answers names, if it
    /// stays on this server.
    pub(super) fn path_of<'a>(&self, location: &'a str) -> Option<&'a str> {
        let path = match location.split_once("://") {
            None => location,
            Some((_, rest)) => rest.strip_prefix(self.host.to_str().ok()?)?,
        };
        path.strip_prefix(self.prefix.as_str())
            .filter(|path| path.starts_with('/') && !path.starts_with("//"))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without credentials in the URL.
        let (_, place) = self.url.authority().map_or(("", ""), |authority| {
            let authority = authority.as_str();
            authority.rsplit_once('@').unwrap_or(("", authority))
        });
        let scheme = self.url.scheme_str().unwrap_or_default();
        write!(f, "{scheme}://{place}{}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_join_and_recognise_their_own_paths() {
        let bare = BaseUrl::parse("http://127.0.0.1:5000").unwrap();
        let prefixed = BaseUrl::parse("https://m.example/base/").unwrap();

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
                BaseUrl::parse(text).unwrap_err(),
                UpstreamError::Url(text.into())
            );
        }
        assert!(matches!(
            BaseUrl::parse("http://a/?b"),
            Err(UpstreamError::Query(_))
        ));
    }
}
