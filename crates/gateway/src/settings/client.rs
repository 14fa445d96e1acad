//! `[client]`: the secret of the app client, for providers that demand one.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use shell_core::Secret;

use super::Inline;

/// The secret of the app client. With one the gateway takes part in the
/// exchange of tokens, because a page can keep no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSecret {
    /// The secret, from the environment.
    secret: Option<Inline>,
    /// A file with the secret alone. It is read for each exchange, so it may be
    /// replaced at any time.
    secret_file: Option<PathBuf>,
    /// How the secret is shown.
    authentication: ClientAuthentication,
}

/// How a secret is shown to the token endpoint (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// In the header `Authorization`: what providers accept by default.
    #[default]
    Basic,
    /// In the form.
    Post,
}

impl ClientSecret {
    /// A secret in this file.
    pub fn in_file(file: PathBuf, authentication: ClientAuthentication) -> Self {
        Self {
            secret: None,
            secret_file: Some(file),
            authentication,
        }
    }

    /// Whether there is one.
    pub fn is_given(&self) -> bool {
        self.secret.is_some() || self.secret_file.is_some()
    }

    pub(crate) fn authentication(&self) -> ClientAuthentication {
        self.authentication
    }

    /// Reads the secret, without white space around it: editors leave a line's end
    /// after it.
    ///
    /// # Errors
    /// With a sentence, if there is none.
    pub fn read(&self) -> Result<Secret, String> {
        if let Some(secret) = &self.secret {
            return match secret.expose().trim() {
                "" => Err("MLFLOW_SHELL_CLIENT__SECRET (client.secret) is blank".to_owned()),
                secret => Ok(Secret::new(secret)),
            };
        }
        let Some(file) = &self.secret_file else {
            return Err("`client.secret_file` names no file".to_owned());
        };
        let shown = file.display();
        let text = fs::read_to_string(file)
            .map_err(|error| format!("`client.secret_file`: cannot read `{shown}`: {error}"))?;
        match text.trim() {
            "" => Err(format!("`client.secret_file`: `{shown}` is empty")),
            secret => Ok(Secret::new(secret)),
        }
    }
}
