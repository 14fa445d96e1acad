//! `[tls]`: the certificate that the gateway shows.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The certificate that the gateway shows; without one it speaks plain HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// A PEM file with the certificate and those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// A PEM file with the private key.
    pub key: Option<PathBuf>,
}
