//! The run-time configuration: one `config.json` beside the shell document, so
//! that one build serves every environment.
//!
//! What is unknown is refused: a misspelt key is an error that names it, never
//! a default that nobody chose.
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
mod site;

use std::fmt;

use serde::Serialize;

use crate::{
    Origin,
    json::{self, Object, Parse, Problem, Wrong},
};

pub use self::{
    api::Api,
    artifacts::Artifacts,
    endpoints::Endpoints,
    groups::Groups,
    provider::Provider,
    roles::Role,
    session::{Keep, Session},
    site::{Bar, Python, Upstream},
};

pub(crate) use self::site::is_name;

/// The path that the hosted login returns to.
pub const CALLBACK: &str = "/callback";

/// What is wrong with an address on this machine, on a site for others.
const LOCAL: &str = "is a local address, but `origin` is not";

/// What one deployment of the shell needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Config {
    /// Where people open the shell. It refuses to start anywhere else.
    pub origin: Origin,
    /// Who signs people in.
    pub provider: Provider,
    /// Which token requests carry.
    pub bearer: Bearer,
    /// How long people stay signed in, and where that is kept.
    pub session: Session,
    /// Which other sites may show the shell in a frame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frame_ancestors: Vec<Origin>,
    /// The bar above MLflow.
    pub bar: Bar,
    /// How programs reach MLflow, if users are to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<Python>,
    /// The MLflow servers behind this site; none is one without a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<Upstream>,
    /// Where MLflow's API is, if it is on another origin: the worker sends
    /// requests there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Api>,
    /// The version of MLflow whose UI is among the files of this site; without
    /// it the UI comes from the MLflow server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui: Option<String>,
    /// Other origins that artifacts come from, or load from.
    #[serde(skip_serializing_if = "Artifacts::is_empty")]
    pub artifacts: Artifacts,
    /// The groups that are admitted, the strongest first: what the screen says.
    /// What their members may do is decided by the policy alone, and the gateway
    /// puts its policy's roles here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

/// Which token goes out as `Authorization: Bearer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
pub struct ConfigError(Wrong);

impl Config {
    /// Reads and validates a `config.json`.
    pub fn parse(text: &str, parse: Parse) -> Result<Self, ConfigError> {
        let read = || Self::read(json::parse(text, parse)?.root()?);
        read().map_err(ConfigError)
    }

    fn read(root: Object<'_>) -> Result<Self, Wrong> {
        root.only(&[
            "origin",
            "provider",
            "bearer",
            "session",
            "frame_ancestors",
            "bar",
            "python",
            "upstreams",
            "api",
            "ui",
            "artifacts",
            "roles",
        ])?;
        let origin = read_origin(root, "origin")?;
        let provider = root.object("provider", "provider.")?;
        let provider = Provider::read(provider, &origin)?;
        // One after the other into what is there: a literal would take down in
        // reverse, at each of its `?`, all that it has built so far.
        let mut config = Self::new(origin, provider);
        config.bearer = read_bearer(root)?;
        config.session = Session::read(root)?;
        config.frame_ancestors = framing::read(root)?;
        config.bar = Bar::read(root)?;
        config.python = Python::read(root)?;
        config.upstreams = site::read_upstreams(root)?;
        config.api = Api::read(root, &config.origin)?;
        config.ui = api::read_ui(root)?;
        config.artifacts = Artifacts::read(root)?;
        config.roles = roles::read(root)?;
        config.check(root)?;
        Ok(config)
    }

    /// A configuration that says no more than it must.
    fn new(origin: Origin, provider: Provider) -> Self {
        Self {
            origin,
            provider,
            bearer: Bearer::default(),
            session: Session::default(),
            frame_ancestors: Vec::new(),
            bar: Bar::default(),
            python: None,
            upstreams: Vec::new(),
            api: None,
            ui: None,
            artifacts: Artifacts::default(),
            roles: Vec::new(),
        }
    }

    /// Where the hosted login returns to; registered with the app client.
    pub fn redirect_uri(&self) -> String {
        [self.origin.as_str(), CALLBACK].concat()
    }

    /// Where sign-out ends; registered with the app client.
    pub fn logout_uri(&self) -> String {
        [self.origin.as_str(), "/"].concat()
    }
}

fn read_origin(object: Object<'_>, key: &str) -> Result<Origin, Wrong> {
    parse_origin(object, key, object.text(key)?)
}

fn parse_origin(object: Object<'_>, key: &str, text: &str) -> Result<Origin, Wrong> {
    match Origin::parse(text) {
        Ok(origin) => Ok(origin),
        Err(error) => object.wrong(key, &["is `", text, "`, which ", error.as_str()].concat()),
    }
}

/// Splits a URL into its origin, not yet looked at, and what follows.
fn split_url(text: &str) -> (&str, &str) {
    let mut slashes = text.match_indices('/').map(|(at, _)| at);
    let end = slashes.nth(2).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Reads the origin of the URL `text`, and what follows it, for a site at `own`.
fn read_url<'a>(
    object: Object<'_>,
    key: &str,
    text: &'a str,
    own: &Origin,
) -> Result<(Origin, &'a str), Wrong> {
    let (origin, path) = split_url(text);
    let origin = parse_origin(object, key, origin)?;
    // What is on this machine is for a shell on this machine: a site that others
    // can open never sends them to a development provider.
    if origin.is_loopback() && !own.is_loopback() {
        return object.wrong(key, LOCAL);
    }
    Ok((origin, path))
}

fn read_bearer(root: Object<'_>) -> Result<Bearer, Wrong> {
    match root.maybe_text("bearer")? {
        None => Ok(Bearer::default()),
        Some("id") => Ok(Bearer::Id),
        Some("access") => Ok(Bearer::Access),
        Some(_) => root.wrong("bearer", "must be \"id\" or \"access\""),
    }
}

impl ConfigError {
    /// What is wrong, and where.
    pub(crate) fn words(&self) -> String {
        let Self(Wrong(wrong)) = self;
        let Problem { key, problem } = &**wrong;
        if key.is_empty() {
            ["config.json ", problem].concat()
        } else {
            ["config.json: `", key, "` ", problem].concat()
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
