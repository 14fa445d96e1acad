//! `[tokens]`: API tokens.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Inline;

/// What API tokens are sealed with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSettings {
    /// The file with the keys, for gateways that are to accept each other's
    /// tokens.
    pub key_file: Option<PathBuf>,
    /// What that file would have, from the environment. White space or commas are
    /// between keys.
    pub keys: Option<Inline>,
    /// The file with the list of tokens, for gateways that share it: without one,
    /// tokens cannot be listed or revoked singly.
    pub registry: Option<PathBuf>,
}

impl TokenSettings {
    /// Whether keys are given, in a file or as they are.
    pub fn has_keys(&self) -> bool {
        self.keys.is_some() || self.key_file.is_some()
    }
}
