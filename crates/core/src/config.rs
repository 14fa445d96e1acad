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
//!     "session": {"keep": "while-open", "max_age": 43200}
//! }
//! ```

use std::fmt;

use serde::Serialize;

use crate::{
    Origin,
    json::{self, Object, Parse, Wrong},
};

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
}

/// What becomes of a session when the worker is stopped, and when it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Who keeps the key to the stored session.
    pub keep: Keep,
    /// Seconds after which a sign-in ends however often it is renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
}

/// Who keeps the key to the stored session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The open pages, in memory: nothing opens it when the last is closed.
    #[default]
    WhileOpen,
    /// The browser, as a key no script can read out: the session survives
    /// closing the browser.
    OnDevice,
}

/// The greatest age of a session that survives closing the browser, in
/// seconds, unless the configuration sets one: half a day, so that nobody
/// finds a stranger signed in the next morning.
const ON_DEVICE_MAX_AGE: u64 = 12 * 60 * 60;

/// The identity provider, on Amazon Cognito's paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// The hosted login's origin. Endpoints are paths below it.
    pub domain: Origin,
    /// The `iss` of its tokens. Cognito's differs from the login's host and
    /// has two forms, so it is never computed.
    pub issuer: String,
    /// The app client; it has no secret.
    pub client_id: String,
    /// Requested scopes; `openid` must be among them.
    pub scopes: Vec<String>,
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
        root.only(&["origin", "provider", "bearer", "session"])?;
        let origin = read_origin(root, "origin")?;
        let provider = root.object("provider", "provider.")?;
        // A provider on this machine is for a shell on this machine: a site that
        // others can open never sends them to a development provider.
        let domain = read_origin(provider, "domain")?;
        if domain.is_loopback() && !origin.is_loopback() {
            return provider.wrong("domain", "is a local address, but `origin` is not".into());
        }
        Ok(Self {
            origin,
            provider: Provider::read(provider, domain)?,
            bearer: read_bearer(root)?,
            session: Session::read(root)?,
        })
    }

    /// Where the hosted login returns to; registered with the app client.
    pub fn redirect_uri(&self) -> String {
        [self.origin.as_str(), "/callback"].concat()
    }

    /// Where sign-out ends; registered with the app client.
    pub fn logout_uri(&self) -> String {
        [self.origin.as_str(), "/"].concat()
    }
}

impl Provider {
    fn read(provider: Object<'_>, domain: Origin) -> Result<Self, Wrong> {
        provider.only(&["domain", "issuer", "client_id", "scopes"])?;
        let issuer = provider.text("issuer")?;
        if !issuer.starts_with("https://") && !domain.is_loopback() {
            return provider.wrong("issuer", "must be an https URL".into());
        }
        let client_id = provider.text("client_id")?;
        if client_id.trim().is_empty() {
            return provider.wrong("client_id", "is empty".into());
        }
        Ok(Self {
            domain,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            scopes: read_scopes(provider)?,
        })
    }
}

impl Session {
    fn read(root: Object<'_>) -> Result<Self, Wrong> {
        let Some(session) = root.maybe_object("session", "session.")? else {
            return Ok(Self::default());
        };
        session.only(&["keep", "max_age"])?;
        let keep = match session.maybe_text("keep")? {
            None | Some("while-open") => Keep::WhileOpen,
            Some("on-device") => Keep::OnDevice,
            Some(_) => {
                return session.wrong("keep", "must be \"while-open\" or \"on-device\"".to_owned());
            }
        };
        let max_age = match (session.maybe_number("max_age")?, keep) {
            (Some(0), _) => return session.wrong("max_age", "must be more than 0".to_owned()),
            (None, Keep::OnDevice) => Some(ON_DEVICE_MAX_AGE),
            (max_age, _) => max_age,
        };
        Ok(Self { keep, max_age })
    }
}

fn read_origin(object: Object<'_>, key: &str) -> Result<Origin, Wrong> {
    let text = object.text(key)?;
    match Origin::parse(text) {
        Ok(origin) => Ok(origin),
        Err(error) => object.wrong(key, ["is `", text, "`, which ", error.as_str()].concat()),
    }
}

fn read_bearer(root: Object<'_>) -> Result<Bearer, Wrong> {
    match root.maybe_text("bearer")? {
        None => Ok(Bearer::default()),
        Some("id") => Ok(Bearer::Id),
        Some("access") => Ok(Bearer::Access),
        Some(_) => root.wrong("bearer", "must be \"id\" or \"access\"".into()),
    }
}

fn read_scopes(provider: Object<'_>) -> Result<Vec<String>, Wrong> {
    let scopes = provider
        .maybe_texts("scopes")?
        .unwrap_or_else(default_scopes);
    if scopes.iter().any(|scope| scope == "openid") {
        Ok(scopes)
    } else {
        provider.wrong("scopes", "must have `openid` among them".into())
    }
}

fn default_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(String::from).to_vec()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Wrong { key, problem }) = self;
        if key.is_empty() {
            write!(f, "config.json {problem}")
        } else {
            write!(f, "config.json: `{key}` {problem}")
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
