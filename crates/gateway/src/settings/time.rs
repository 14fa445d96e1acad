//! How long something may take.

use std::{fmt, time::Duration};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Visitor},
};

/// A duration, written as `30s`, `5m` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
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

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Text)
    }
}

/// Reads a duration that may be `0s`, where that can mean one thing only.
pub(super) fn or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    deserializer.deserialize_any(TextOrZero)
}

struct TextOrZero;

impl Visitor<'_> for TextOrZero {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text.expecting(f)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
        match humantime::parse_duration(text) {
            Ok(Duration::ZERO) => Ok(Time::seconds(0)),
            Ok(_) | Err(_) => Text.visit_str(text),
        }
    }
}

/// Reads a duration. A number, which the environment has for `5`, lacks its unit.
struct Text;

impl Visitor<'_> for Text {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration with its unit, such as `30s`, `5m` or `1h 30m`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
        text.to_owned().try_into().map_err(E::custom)
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
