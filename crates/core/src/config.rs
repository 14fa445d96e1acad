//! The run-time configuration: one `config.json` beside the shell document, so
//! that one build serves every environment.
//!
//! What is unknown is refused: a misspelt key is an error that names it, never
//! a default that nobody chose.
//!
//! ```
//! let config = shell_core::Config::parse(r#"{
//!     "origin": "https://mlflow.example.com",
//!     "provider": {
//!         "domain": "https://example.auth.eu-central-1.amazoncognito.com",
//!         "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
//!         "client_id": "1example23456789"
//!     }
//! }"#).unwrap();
//! assert_eq!(config.redirect_uri(), "https://mlflow.example.com/callback");
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Origin;

/// What one deployment of the shell needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where people open the shell. It refuses to start anywhere else.
    pub origin: Origin,
    /// Who signs people in.
    pub provider: Provider,
    /// Which token requests carry.
    #[serde(default)]
    pub bearer: Bearer,
}

/// The identity provider, on Amazon Cognito's paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The hosted login's origin. Endpoints are paths below it.
    pub domain: Origin,
    /// The `iss` of its tokens. Cognito's differs from the login's host and
    /// has two forms, so it is never computed.
    pub issuer: String,
    /// The app client; it has no secret.
    pub client_id: String,
    /// Requested scopes; `openid` must be among them.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
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

/// Why a `config.json` was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// Not JSON of the right form; the text names the key or the place.
    Malformed(String),
    /// `key` has a value that cannot work.
    Invalid {
        /// Path of the key, such as `provider.issuer`.
        key: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Config {
    /// Reads and validates a `config.json`.
    pub fn parse(json: &str) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_str(json)
            .map_err(|error| ConfigError::Malformed(error.to_string()))?;
        config.provider.validate()?;
        config.keep_development_at_home()?;
        Ok(config)
    }

    /// Where the hosted login returns to; registered with the app client.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.origin)
    }

    /// Where sign-out ends; registered with the app client.
    pub fn logout_uri(&self) -> String {
        format!("{}/", self.origin)
    }

    /// A provider on this machine is for a shell on this machine: a site that
    /// others can open never sends them to a development provider.
    fn keep_development_at_home(&self) -> Result<(), ConfigError> {
        if self.provider.domain.is_loopback() && !self.origin.is_loopback() {
            return Err(invalid(
                "provider.domain",
                "is a local address, but `origin` is not",
            ));
        }
        Ok(())
    }
}

impl Provider {
    fn validate(&self) -> Result<(), ConfigError> {
        let secure = self.issuer.starts_with("https://") || self.domain.is_loopback();
        if !secure {
            return Err(invalid("provider.issuer", "must be an https URL"));
        }
        if self.client_id.trim().is_empty() {
            return Err(invalid("provider.client_id", "is empty"));
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err(invalid("provider.scopes", "must contain `openid`"));
        }
        Ok(())
    }
}

fn invalid(key: &'static str, problem: &'static str) -> ConfigError {
    ConfigError::Invalid { key, problem }
}

fn default_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(String::from).to_vec()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(text) => write!(f, "config.json: {text}"),
            Self::Invalid { key, problem } => write!(f, "config.json: `{key}` {problem}"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
