//! Where the MLflow servers are.

use std::{collections::BTreeMap, fmt};

use shell_core::{Config, config};

use super::UpstreamError;
use super::{Upstream, credentials::CredentialsError};
use crate::settings::Location;

/// Where the MLflow servers of a site are: one without a name, or several with.
#[derive(Debug, Clone)]
pub struct Upstreams(Vec<(Option<String>, Upstream)>);

impl Upstreams {
    /// The servers that `config` names, or the one at `url` if it names none.
    ///
    /// # Errors
    /// If there are both, or neither, or an address is missing or wrong.
    pub fn new(config: &Config, url: Option<&str>) -> Result<Self, UpstreamError> {
        let url = url.map(Location::from);
        Self::located(config, url.as_ref(), &BTreeMap::new())
    }

    /// One server, which has no name.
    pub fn one(upstream: Upstream) -> Self {
        Self(vec![(None, upstream)])
    }

    /// The same, with the addresses of `bases` in place of those in `config`.
    ///
    /// # Errors
    /// As [`new`](Self::new), and if `bases` has one of a server that `config`
    /// does not name.
    pub fn located(
        config: &Config,
        url: Option<&Location>,
        bases: &BTreeMap<String, Location>,
    ) -> Result<Self, UpstreamError> {
        let named = config.upstreams.as_slice();
        let is_named = |name: &&String| named.iter().any(|server| server.name == **name);
        if let Some(name) = bases.keys().find(|name| !is_named(name)) {
            return Err(UpstreamError::NoServer(name.clone()));
        }
        match (url, named) {
            (Some(url), []) => Ok(Self::one(Upstream::at(url)?)),
            (None, []) => Err(UpstreamError::NoUpstream),
            (Some(_), _) => Err(UpstreamError::TwoWays),
            (None, named) => {
                let servers = named.iter().map(|server| locate(server, bases));
                servers.collect::<Result<_, _>>().map(Self)
            }
        }
    }

    /// Makes sure that requests can be signed for each that wants it.
    ///
    /// # Errors
    /// If there are no credentials for one.
    pub async fn ready(&self) -> Result<(), CredentialsError> {
        for (_, upstream) in &self.0 {
            upstream.ready().await?;
        }
        Ok(())
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
    bases: &BTreeMap<String, Location>,
) -> Result<(Option<String>, Upstream), UpstreamError> {
    let name = || named.name.clone();
    let base = || named.base.as_deref().map(Location::from);
    let location = bases.get(&named.name).cloned().or_else(base);
    let location = location.ok_or_else(|| UpstreamError::NoBase(name()))?;
    let upstream =
        Upstream::at(&location).map_err(|error| UpstreamError::Base(name(), Box::new(error)))?;
    Ok((Some(name()), upstream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::SettingsSources;

    #[test]
    fn servers_come_from_one_place_and_each_has_an_address() {
        let url = Some("http://127.0.0.1:5000");
        let missing = UpstreamError::NoBase("b".into());
        let wrong = UpstreamError::Base("a".into(), Box::new(UpstreamError::Url("x".into())));
        let table: [(&str, Option<&str>, Result<usize, UpstreamError>); 7] = [
            ("[]", url, Ok(1)),
            ("[]", None, Err(UpstreamError::NoUpstream)),
            ("[]", Some("x"), Err(UpstreamError::Url("x".into()))),
            (r#"[{"name": "a"}]"#, url, Err(UpstreamError::TwoWays)),
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
            "config.json: `upstreams.base` is missing for `dev`: where is that MLflow server? Say \
             it there, or in the gateway's settings, such as \
             MLFLOW_SHELL_UPSTREAMS={dev=\"http://127.0.0.1:5000\"}"
        );
    }

    #[test]
    fn several_managed_servers_come_from_the_environment_alone() {
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/app-A";
        let text = format!("{{central={{sagemaker={{arn=\"{arn}\"}}}},team-b=\"{arn}\"}}");
        let variables = [("MLFLOW_SHELL_UPSTREAMS".to_owned(), text)];
        let sources = SettingsSources::default().with_environment(variables.into_iter());
        let bases = sources.read().unwrap().settings.upstreams;
        let located = |named| Upstreams::located(&config(named), None, &bases);

        let both = located(r#"[{"name": "central"}, {"name": "team-b"}]"#).unwrap();
        let names: Vec<_> = both.iter().map(|(name, _)| name.as_deref()).collect();
        assert_eq!(names, [Some("central"), Some("team-b")]);

        let more = r#"[{"name": "central"}, {"name": "team-b"}, {"name": "team-c"}]"#;
        assert_eq!(
            located(more).unwrap_err(),
            UpstreamError::NoBase("team-c".into())
        );
        let fewer = located(r#"[{"name": "central"}]"#).unwrap_err();
        assert_eq!(fewer, UpstreamError::NoServer("team-b".into()));
    }

    fn config(upstreams: &str) -> Config {
        let text = format!(
            r#"{{"origin": "https://mlflow.example.com", "upstreams": {upstreams}, "provider": {{
                "domain": "https://login.example.com", "issuer": "https://issuer.example",
                "client_id": "client"}}}}"#
        );
        Config::parse(&text).unwrap()
    }
}
