//! `[tokens]`: API tokens.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What API tokens are sealed with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSettings {
    /// The file with the keys, for gateways that are to accept each other's
    /// tokens.
    pub key_file: Option<PathBuf>,
    /// The file with the list of tokens, for gateways that share it: without one,
    /// tokens cannot be listed or revoked singly.
    pub registry: Option<PathBuf>,
}
