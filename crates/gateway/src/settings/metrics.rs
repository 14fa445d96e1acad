//! `[metrics]`: where Prometheus scrapes.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::address;

/// Where the metrics are served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
    /// The address; without one there are no metrics. There is no authentication:
    /// every client that can connect may read them.
    #[serde(deserialize_with = "address::optional")]
    pub listen: Option<SocketAddr>,
}
