//! `[trust]`: whose certificates are believed, besides those of the authorities
//! that the program has built in, and whose word about a client's address.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::TrustedProxies;

/// Further certificate authorities, and load balancers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrustSettings {
    /// A PEM file with the certificates of the authorities.
    pub ca_file: Option<PathBuf>,
    /// From whom `X-Forwarded-For` is believed.
    pub proxies: TrustedProxies,
}

impl TrustSettings {
    /// With this file of authorities, if there is one.
    pub fn of_ca_file(ca_file: Option<PathBuf>) -> Self {
        Self {
            ca_file,
            ..Self::default()
        }
    }
}
