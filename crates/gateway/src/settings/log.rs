//! `[log]`: the log on standard error.

use serde::{Deserialize, Serialize};

/// What is logged, and how. Warnings and errors always are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// A line for each request. The audit log is another thing.
    pub requests: bool,
    /// The format of a line.
    pub format: LogFormat,
}

/// The format of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text, for people.
    #[default]
    Text,
    /// A JSON object, for programs.
    Json,
}
