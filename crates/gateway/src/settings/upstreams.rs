//! Where the MLflow servers are.

use std::{collections::BTreeMap, fmt};

use axum::http::{HeaderValue, Uri, uri::PathAndQuery};
use shell_core::{Config, config};

use super::SettingsError;

/// Where the MLflow servers of a site are: one without a name, or several with.
#[derive(Debug, Clone)]
pub struct Upstreams(Vec<(Option<String>, Upstream)>);

/// The base URL of an MLflow server; it may have a path, such as the prefix of
/// a server started with `--static-prefix`.
#[derive(Clone)]
pub struct Upstream {
    base: Uri,
    host: HeaderValue,
    prefix: String,
}

impl Upstreams {
    /// The servers that `config` names, or the one at `url` if it names none.
    ///
    /// # Errors
    /// If there are both, or neither, or an address is missing or wrong.
    pub fn new(config: &Config, url: Option<&str>) -> Result<Self, SettingsError> {
        Self::located(config, url, &BTreeMap::new())
    }

    /// The same, with the addresses of `bases` in place of those in `config`.
    ///
    /// # Errors
    /// As [`new`](Self::new), and if `bases` has one of a server that `config`
    /// does not name.
    pub fn located(
        config: &Config,
        url: Option<&str>,
        bases: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let named = config.upstreams.as_slice();
        let is_named = |name: &&String| named.iter().any(|server| server.name == **name);
        if let Some(name) = bases.keys().find(|name| !is_named(name)) {
            return Err(SettingsError::NoServer(name.clone()));
        }
        match (url, named) {
            (Some(url), []) => Ok(Self(vec![(None, Upstream::parse(url)?)])),
            (None, []) => Err(SettingsError::NoUpstream),
            (Some(_), _) => Err(SettingsError::TwoWays),
            (None, named) => {
                let servers = named.iter().map(|server| locate(server, bases));
                servers.collect::<Result<_, _>>().map(Self)
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Option<String>, Upstream)> {
        self.0.iter()
    }
}

impl fmt::Display for Upstreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (name, upstream)) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            let name = name.as_deref().map(|name| format!("{name} at "));
            let name = name.unwrap_or_default();
            write!(f, "{separator}{name}{upstream}")?;
        }
        Ok(())
    }
}

fn locate(
    named: &config::Upstream,
    bases: &BTreeMap<String, String>,
) -> Result<(Option<String>, Upstream), SettingsError> {
    let name = || named.name.clone();
    let base = bases.get(&named.name).or(named.base.as_ref());
    let base = base.ok_or_else(|| SettingsError::NoBase(name()))?;
    let upstream =
        Upstream::parse(base).map_err(|error| SettingsError::Base(name(), Box::new(error)))?;
    Ok((Some(name()), upstream))
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

impl fmt::Display for Upstream {
    /// Without whoever signs in there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, place) = self.base.authority().map_or(("", ""), |authority| {
            let authority = authority.as_str();
            authority.rsplit_once('@').unwrap_or(("", authority))
        });
        write!(
            f,
            "{}://{place}{}",
            self.base.scheme_str().unwrap_or_default(),
            self.prefix
        )
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({self})")
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

    #[test]
    fn servers_come_from_one_place_and_each_has_an_address() {
        let url = Some("http://127.0.0.1:5000");
        let missing = SettingsError::NoBase("b".into());
        let wrong = SettingsError::Base("a".into(), Box::new(SettingsError::Url("x".into())));
        let table: [(&str, Option<&str>, Result<usize, SettingsError>); 7] = [
            ("[]", url, Ok(1)),
            ("[]", None, Err(SettingsError::NoUpstream)),
            ("[]", Some("x"), Err(SettingsError::Url("x".into()))),
            (r#"[{"name": "a"}]"#, url, Err(SettingsError::TwoWays)),
            (
                r#"[{"name": "a", "base": "http://a"}, {"name": "b", "base": "https://b/c"}]"#,
                None,
                Ok(2),
            ),
            (
                r#"[{"name": "a", "base": "http://a"}, {"name": "b"}]"#,
                None,
                Err(missing),
            ),
            (r#"[{"name": "a", "base": "x"}]"#, None, Err(wrong)),
        ];
        for (listed, url, expected) in table {
            let found = Upstreams::new(&config(listed), url);
            assert_eq!(
                found.map(|found| found.iter().count()),
                expected,
                "{listed}"
            );
        }
    }

    #[test]
    fn a_missing_address_is_said_by_the_servers_name() {
        let error = Upstreams::new(&config(r#"[{"name": "dev"}]"#), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "config.json: `upstreams.base` is missing for `dev`: where is that MLflow server?"
        );
    }

    fn config(upstreams: &str) -> Config {
        let text = format!(
            r#"{{"origin": "https://mlflow.example.com", "upstreams": {upstreams}, "provider": {{
                "domain": "https://login.example.com", "issuer": "https://issuer.example",
                "client_id": "client"}}}}"#
        );
        Config::parse(&text, shell_jose::parse_json).unwrap()
    }
}
