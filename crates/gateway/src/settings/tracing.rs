//! `[tracing]`: traces for an OpenTelemetry collector.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Where traces are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracingSettings {
    /// A collector's address for OTLP over HTTP, such as `http://127.0.0.1:4318`.
    pub otlp: Option<String>,
    /// One of so many requests is recorded.
    pub one_in: NonZeroU32,
}

impl Default for TracingSettings {
    fn default() -> Self {
        Self {
            otlp: None,
            one_in: NonZeroU32::MIN,
        }
    }
}
