//! What a deployment is to be like.

use std::path::PathBuf;

use serde_json::Value;
use shell_core::Timestamp;
use shell_gateway::{Tracer, settings::Settings};
use shell_idp::{Clock, Rotation};

use crate::{
    issuer::{Issuer, now},
    provider_program::ProviderProgram,
    sagemaker::{Keys, Kind},
};

/// Who signs people in.
#[derive(Debug, Clone)]
pub enum Login {
    /// The development provider.
    Development,
    /// The independent provider, in this folder.
    Independent(PathBuf),
    /// The independent provider, in this folder, on paths of its own, which the
    /// gateway has to ask for; its app client has a secret.
    Discovered(PathBuf),
    /// A real provider, for which the gateway has to ask.
    Real(ProviderProgram),
    /// The test, which signs its own tokens.
    Signed(Issuer),
}

/// Where the site and the API are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hosting {
    /// Our gateway serves both.
    #[default]
    Gateway,
    /// CloudFront has both behind it.
    OneOrigin,
    /// CloudFront has the site, and the API is somewhere else.
    TwoOrigins,
}

/// Who signs people in, how long that lasts, and how the shell is configured.
///
/// A [`Login`] alone is a spec with the defaults of a new Cognito app client
/// and a provider whose clock the test moves.
///
/// ```
/// # use shell_tests::deployment_spec::Login;
/// # use serde_json::json;
/// let spec = Login::Development
///     .token_lifetime(5)
///     .rotating(10)
///     .with_config("provider.scopes", json!(["openid"]));
/// ```
#[derive(Debug, Clone)]
pub struct DeploymentSpec {
    pub(crate) login: Login,
    pub(crate) token_lifetime: Option<u64>,
    pub(crate) rotation: Option<Rotation>,
    pub(crate) clock: Clock,
    changes: Vec<(String, Value)>,
    pub(crate) upstreams: Vec<Named>,
    pub(crate) policy: Option<String>,
    pub(crate) site: Option<PathBuf>,
    pub(crate) hosting: Hosting,
    pub(crate) mlflow: Option<String>,
    pub(crate) identity_headers: bool,
    pub(crate) given: Box<Settings>,
    pub(crate) login_is_down: bool,
    pub(crate) managed: Option<(Kind, Keys)>,
    pub(crate) instances: usize,
    pub(crate) tracer: Tracer,
}

/// An MLflow server with a name.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) groups: &'static [&'static str],
}

impl Login {
    /// See [`DeploymentSpec::token_lifetime`].
    #[must_use]
    pub fn token_lifetime(self, seconds: u64) -> DeploymentSpec {
        DeploymentSpec::from(self).token_lifetime(seconds)
    }

    /// See [`DeploymentSpec::rotating`].
    #[must_use]
    pub fn rotating(self, grace: u64) -> DeploymentSpec {
        DeploymentSpec::from(self).rotating(grace)
    }

    /// See [`DeploymentSpec::running`].
    #[must_use]
    pub fn running(self) -> DeploymentSpec {
        DeploymentSpec::from(self).running()
    }

    /// See [`DeploymentSpec::with_upstream`].
    #[must_use]
    pub fn with_upstream(
        self,
        name: &'static str,
        groups: &'static [&'static str],
    ) -> DeploymentSpec {
        DeploymentSpec::from(self).with_upstream(name, groups)
    }

    /// See [`DeploymentSpec::in_front_of`].
    #[must_use]
    pub fn in_front_of(self, mlflow: &str) -> DeploymentSpec {
        DeploymentSpec::from(self).in_front_of(mlflow)
    }

    /// See [`DeploymentSpec::managed`].
    #[must_use]
    pub fn managed(self, kind: Kind, keys: Keys) -> DeploymentSpec {
        DeploymentSpec::from(self).managed(kind, keys)
    }

    /// See [`DeploymentSpec::with_policy`].
    #[must_use]
    pub fn with_policy(self, document: &str) -> DeploymentSpec {
        DeploymentSpec::from(self).with_policy(document)
    }

    /// See [`DeploymentSpec::on`].
    #[must_use]
    pub fn on(self, hosting: Hosting) -> DeploymentSpec {
        DeploymentSpec::from(self).on(hosting)
    }

    /// See [`DeploymentSpec::with_config`].
    #[must_use]
    pub fn with_config(self, key: &str, value: Value) -> DeploymentSpec {
        DeploymentSpec::from(self).with_config(key, value)
    }
}

impl Login {
    /// Whether the gateway has to ask the provider for its endpoints.
    pub(crate) fn is_discovered(&self) -> bool {
        matches!(self, Self::Discovered(_) | Self::Real(_))
    }
}

impl From<Login> for DeploymentSpec {
    fn from(login: Login) -> Self {
        Self {
            login,
            token_lifetime: None,
            rotation: None,
            clock: Clock::manual(Timestamp(now())),
            changes: Vec::new(),
            upstreams: Vec::new(),
            policy: None,
            site: None,
            hosting: Hosting::Gateway,
            mlflow: None,
            identity_headers: false,
            given: Box::default(),
            login_is_down: false,
            managed: None,
            instances: 1,
            tracer: Tracer::default(),
        }
    }
}

impl DeploymentSpec {
    /// Makes ID and access tokens live this many seconds, and lets the
    /// provider's clock [run](Self::running): by one that stands still, a
    /// short-lived token is soon issued in the past.
    #[must_use]
    pub fn token_lifetime(mut self, seconds: u64) -> Self {
        self.token_lifetime = Some(seconds);
        self.running()
    }

    /// Replaces the refresh token at every refresh; the old one still works
    /// for `grace` seconds. The independent provider knows no grace: there
    /// the second use of a token ends the sign-in.
    #[must_use]
    pub fn rotating(mut self, grace: u64) -> Self {
        self.rotation = Some(Rotation { grace });
        self
    }

    /// Gives the development provider the machine's clock, which a test cannot
    /// move. The independent one never has another.
    #[must_use]
    pub fn running(mut self) -> Self {
        self.clock = Clock::system();
        self
    }

    /// Gives the gateway these settings of its own. An issuer called `{issuer}`
    /// is who signs people in.
    #[must_use]
    pub fn with_settings(mut self, given: Settings) -> Self {
        *self.given = given;
        self
    }

    /// Stops the provider before the gateway starts, which so has no keys.
    #[must_use]
    pub fn while_login_is_down(mut self) -> Self {
        self.login_is_down = true;
        self
    }

    /// Sets a key of `config.json`, named as the documentation names it, such
    /// as `provider.scopes`. `{login}` in a value stands for the provider's origin.
    #[must_use]
    pub fn with_config(mut self, key: &str, value: Value) -> Self {
        self.changes.push((key.to_owned(), value));
        self
    }

    /// Has several gateways, behind a balancer.
    #[must_use]
    pub fn instances(mut self, instances: usize) -> Self {
        self.instances = instances;
        self
    }

    /// Traces what the gateway does.
    #[must_use]
    pub fn traced(mut self, tracer: Tracer) -> Self {
        self.tracer = tracer;
        self
    }

    /// Adds an MLflow server with a name, for the members of these groups or
    /// for everyone. The deployment then forwards to those with names only;
    /// its `upstream` should hear nothing.
    #[must_use]
    pub fn with_upstream(mut self, name: &'static str, groups: &'static [&'static str]) -> Self {
        self.upstreams.push(Named { name, groups });
        self
    }

    /// Puts the policy of this document in place of the built-in one.
    #[must_use]
    pub fn with_policy(mut self, document: &str) -> Self {
        self.policy = Some(document.to_owned());
        self
    }

    /// Serves the site in this folder in place of the built one.
    #[must_use]
    pub fn with_site(mut self, folder: PathBuf) -> Self {
        self.site = Some(folder);
        self
    }

    /// Serves the shell and MLflow in this way.
    #[must_use]
    pub fn on(mut self, hosting: Hosting) -> Self {
        self.hosting = hosting;
        self
    }

    /// Puts the deployment in front of the MLflow at this address, and not of
    /// the one that most tests share.
    #[must_use]
    pub fn in_front_of(mut self, mlflow: &str) -> Self {
        self.mlflow = Some(mlflow.to_owned());
        self
    }

    /// Tells MLflow who asks.
    #[must_use]
    pub fn with_identity_headers(mut self) -> Self {
        self.identity_headers = true;
        self
    }

    /// Puts what stands for SageMaker in front of MLflow; the gateway has these
    /// keys for it.
    #[must_use]
    pub fn managed(mut self, kind: Kind, keys: Keys) -> Self {
        self.managed = Some((kind, keys));
        self
    }

    /// The gateway's settings beside a provider that is called `issuer`.
    pub(crate) fn given(&self, issuer: &str) -> Settings {
        let mut given = Settings::clone(&self.given);
        for other in &mut given.issuers {
            other.issuer = other.issuer.replace("{issuer}", issuer);
        }
        given
    }

    /// Returns the text of `config` with the keys that were set, in which `{login}`
    /// stands for the provider's origin.
    pub(crate) fn applied(&self, config: Value, login: &str) -> String {
        self.apply(config).to_string().replace("{login}", login)
    }

    /// Returns `config` with the keys that were set.
    fn apply(&self, mut config: Value) -> Value {
        for (key, value) in &self.changes {
            let place = key
                .split('.')
                .fold(&mut config, |object, name| &mut object[name]);
            *place = value.clone();
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_the_configuration_are_added_and_replaced() {
        let session = json!({ "keep": "on-device", "max_age": 60 });
        let spec = Login::Development
            .with_config("session", session.clone())
            .with_config("provider.scopes", json!(["openid"]));

        let config = spec.apply(json!({ "origin": "o", "provider": { "client_id": "c" } }));

        let expected = json!({
            "origin": "o",
            "provider": { "client_id": "c", "scopes": ["openid"] },
            "session": session,
        });
        assert_eq!(config, expected);
    }

    #[test]
    fn a_clock_stands_still_unless_tokens_are_short_lived() {
        let moved = |spec: DeploymentSpec| {
            let before = spec.clock.now();
            spec.clock.advance(1_000_000);
            spec.clock.now().since(before) >= 1_000_000
        };
        assert!(moved(Login::Development.into()));
        assert!(moved(Login::Development.rotating(10)));
        assert!(!moved(Login::Development.running()));
        assert!(!moved(Login::Development.token_lifetime(5)));
    }
}
