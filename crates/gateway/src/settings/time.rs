//! How long something may take.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// A duration, written as `30s`, `5m` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(pub Duration);

impl Time {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration: write it as `30s`, `5m` or `1h 30m`, and longer than nothing")]
pub struct NoDuration(String);

impl TryFrom<String> for Time {
    type Error = NoDuration;

    /// Nothing may take no time at all, which could be meant as "for ever".
    fn try_from(text: String) -> Result<Self, NoDuration> {
        match humantime::parse_duration(&text) {
            Ok(duration) if !duration.is_zero() => Ok(Self(duration)),
            _ => Err(NoDuration(text)),
        }
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}
