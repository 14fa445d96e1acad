//! The run-time configuration: one `config.json` beside the shell document, so
//! that one build serves every environment.
//!
//! What is unknown is refused: a misspelt key is an error that names it, never
//! a silent default.
//!
//! ```json
//! {
//!     "origin": "https://mlflow.example.com",
//!     "provider": {
//!         "domain": "https://example.auth.eu-central-1.amazoncognito.com",
//!         "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
//!         "client_id": "1example23456789",
//!         "scopes": ["openid", "email", "profile"]
//!     },
//!     "bearer": "id",
//!     "session": {"keep": "while-open", "max_age": 43200},
//!     "frame_ancestors": ["https://d-example.studio.eu-central-1.sagemaker.aws"],
//!     "bar": "open",
//!     "artifacts": {"store_origins": ["https://example.s3.eu-central-1.amazonaws.com"]},
//!     "python": {"access": "token", "lifetime": 3600},
//!     "upstreams": [{"name": "dev"}, {"name": "central", "groups": ["admins"]}],
//!     "roles": [{"group": "admins", "rights": "can do everything"}]
//! }
//! ```

mod api;
mod artifacts;
mod endpoints;
mod framing;
mod groups;
mod provider;
mod roles;
mod session;
mod sign_in;
mod site;
mod tokens;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{
    Origin,
    read::{self, Problem},
};

pub use self::{
    api::Api,
    artifacts::Artifacts,
    endpoints::Endpoints,
    groups::{Groups, GroupsError},
    provider::Provider,
    roles::Role,
    session::{Keep, Session},
    sign_in::SignIn,
    site::{Bar, Python, Upstream},
    tokens::{CLOCK_LEEWAY, MOST_CLOCK_LEEWAY, NameClaims, check_clock_leeway},
};

/// The path that the hosted login returns to.
pub const CALLBACK: &str = "/callback";

/// What one deployment of the shell needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// The derived implementation reads the keys one by one; the one below, which
// callers use, also checks them against each other.
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Config {
    /// Where people open the shell. It refuses to start anywhere else.
    pub origin: Origin,
    /// Who signs people in.
    pub provider: Provider,
    /// Which token requests carry.
    #[serde(default, deserialize_with = "read::or_default")]
    pub bearer: Bearer,
    /// How long people stay signed in, and where that is kept.
    #[serde(default)]
    pub session: Session,
    /// Which other sites may show the shell in a frame.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub frame_ancestors: Vec<Origin>,
    /// The bar above MLflow.
    #[serde(default, deserialize_with = "read::or_default")]
    pub bar: Bar,
    /// How programs reach MLflow, if users are to be told.
    #[serde(
        default,
        deserialize_with = "read::some",
        skip_serializing_if = "Option::is_none"
    )]
    pub python: Option<Python>,
    /// The MLflow servers behind this site; none is one without a name.
    #[serde(
        default,
        deserialize_with = "site::upstreams",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub upstreams: Vec<Upstream>,
    /// Where MLflow's API is, if it is on another origin: the worker sends
    /// requests there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Api>,
    /// The version of MLflow whose UI is among the files of this site; without
    /// it the UI comes from the MLflow server.
    #[serde(
        default,
        deserialize_with = "api::ui",
        skip_serializing_if = "Option::is_none"
    )]
    pub ui: Option<String>,
    /// Other origins that artifacts come from, or load from.
    #[serde(default, skip_serializing_if = "Artifacts::is_empty")]
    pub artifacts: Artifacts,
    /// The groups that are admitted, the strongest first: what the screen says.
    /// What their members may do is decided by the policy alone, and the gateway
    /// puts its policy's roles here.
    #[serde(
        default = "Role::built_in",
        deserialize_with = "roles::read",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub roles: Vec<Role>,
}

/// Which token goes out as `Authorization: Bearer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bearer {
    /// The ID token, which the AWS sample's authorizer expects.
    #[default]
    Id,
    /// The access token.
    Access,
}

/// Why a `config.json` was refused: which key, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Problem);

impl Config {
    /// Reads and validates a `config.json`.
    ///
    /// # Errors
    /// With the key that is missing, unknown or wrong.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        read::document(text).map_err(ConfigError)
    }

    /// Where the hosted login returns to; registered with the app client.
    pub fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK}", self.origin)
    }

    /// Where sign-out ends; registered with the app client.
    pub fn logout_uri(&self) -> String {
        format!("{}/", self.origin)
    }

    /// Whether pages would ask the provider for tokens where a gateway is to do that:
    /// then none serves this configuration, as it would name its own endpoint.
    pub fn lacks_gateway(&self) -> bool {
        self.provider.via_gateway && !self.asks_gateway()
    }

    /// Whether pages ask the gateway for tokens, in the provider's place.
    pub fn asks_gateway(&self) -> bool {
        let token = &self.provider.endpoints.token;
        let path = token.strip_prefix(self.origin.as_str());
        path.is_some_and(|path| path.starts_with('/'))
    }

    /// Fills in what depends on other keys.
    fn completed(mut self) -> Self {
        let provider = &mut self.provider;
        if provider.endpoints == Endpoints::default() {
            provider.endpoints = Endpoints::of_cognito(&provider.domain);
        }
        self.session = self.session.completed();
        self
    }

    /// What is on this machine is for a shell on this machine: a site that others
    /// can open never sends them to a development provider.
    fn check_local(&self) -> Result<(), String> {
        let (provider, endpoints) = (&self.provider, &self.provider.endpoints);
        let api = self.api.as_ref().map(|api| api.origin().as_str());
        let urls = [
            ("provider.domain", provider.domain.as_str()),
            ("provider.issuer", &provider.issuer),
            ("provider.endpoints.authorization", &endpoints.authorization),
            ("provider.endpoints.token", &endpoints.token),
            ("provider.endpoints.revocation", &endpoints.revocation),
            ("provider.endpoints.end_session", &endpoints.end_session),
            ("api", api.unwrap_or_default()),
        ];
        let is_local = |url| Origin::parse(split_url(url).0).is_ok_and(|it| it.is_loopback());
        let mut local = urls.into_iter().filter(|(_, url)| is_local(url));
        match local.next() {
            Some((key, _)) if !self.origin.is_loopback() => {
                Err(format!("`{key}` is a local address, but `origin` is not"))
            }
            _ => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let config = Self::deserialize(deserializer)?.completed();
        config.check_local().map_err(D::Error::custom)?;
        config.check_ui().map_err(D::Error::custom)?;
        if config.provider.post_id_token_at_logout && config.bearer != Bearer::Id {
            let needs = "`provider.post_id_token_at_logout` needs `bearer` \"id\"";
            return Err(D::Error::custom(needs));
        }
        Ok(config)
    }
}

impl Serialize for Config {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// Splits a URL into its origin, not yet looked at, and what follows.
fn split_url(text: &str) -> (&str, &str) {
    let mut slashes = text.match_indices('/').map(|(at, _)| at);
    let end = slashes.nth(2).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Reads the origin of a URL, and what follows it.
fn read_url(text: &str) -> Result<(Origin, &str), String> {
    let (origin, path) = split_url(text);
    Ok((Origin::explain(origin)?, path))
}

impl ConfigError {
    /// The key that is wrong, such as `provider.groups[0].claim`; empty for the document.
    pub fn key(&self) -> &str {
        &self.0.key
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Problem { key, problem }) = self;
        match key.as_str() {
            "" => write!(f, "config.json {problem}"),
            key => write!(f, "config.json: `{key}` {problem}"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
