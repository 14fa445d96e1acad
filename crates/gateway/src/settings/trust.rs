//! `[trust]`: whose certificates are believed, besides those of the authorities
//! that the program has built in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Further certificate authorities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrustSettings {
    /// A PEM file with the certificates of the authorities.
    pub ca_file: Option<PathBuf>,
}
