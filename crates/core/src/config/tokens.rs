//! How tokens are read: which claim names a user, and how far clocks may differ.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Map, Value};

/// How far this machine's clock may run beside the provider's, in seconds, unless
/// said.
///
/// A token is accepted this much longer than its `exp` says, so the value is a
/// security invariant: enough for hosts that are kept by NTP now and then.
pub const CLOCK_LEEWAY: u64 = 60;

/// The most that may be said, in seconds: what ends is accepted so much longer.
pub const MOST_CLOCK_LEEWAY: u64 = 300;

/// The claims that name a user, the one that is preferred first: the name that
/// people see and that the audit log has. Rights never depend on it, but for
/// rules about `email` (`provider.groups`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct NameClaims(Vec<String>);

/// What people recognise, of the claims that OpenID Connect Core §5.1 and Cognito
/// have. `cognito:username` is in Cognito's tokens only.
const USUAL: [&str; 6] = [
    "email",
    "cognito:username",
    "preferred_username",
    "username",
    "name",
    "sub",
];

impl NameClaims {
    /// These claims, in this order.
    ///
    /// # Errors
    /// If there are none, or one has no name.
    pub fn new(names: Vec<String>) -> Result<Self, &'static str> {
        if names.is_empty() || names.iter().any(|name| name.trim().is_empty()) {
            return Err("must name one claim or several, such as `email`");
        }
        Ok(Self(names))
    }

    /// The first of them that is a text with something in it.
    pub(crate) fn of<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a str> {
        let texts = self.0.iter().filter_map(|name| claims.get(name)?.as_str());
        texts.map(str::trim).find(|text| !text.is_empty())
    }

    /// Whether they are those that need not be written down.
    pub(crate) fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for NameClaims {
    fn default() -> Self {
        Self(USUAL.map(String::from).to_vec())
    }
}

impl<'de> Deserialize<'de> for NameClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(Error::custom)
    }
}

/// Checks a leeway in seconds.
///
/// # Errors
/// If it is more than [`MOST_CLOCK_LEEWAY`].
pub fn check_clock_leeway(seconds: u64) -> Result<u64, impl fmt::Display> {
    let is_bounded = seconds <= MOST_CLOCK_LEEWAY;
    is_bounded
        .then_some(seconds)
        .ok_or_else(|| format!("must be from 0 to {MOST_CLOCK_LEEWAY} seconds"))
}

pub(super) fn clock_leeway<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let seconds: Option<u64> = Option::deserialize(deserializer)?;
    check_clock_leeway(seconds.unwrap_or(CLOCK_LEEWAY)).map_err(Error::custom)
}

pub(super) fn usual_leeway() -> u64 {
    CLOCK_LEEWAY
}

/// Serde passes a reference, which differs from a copy by the machine: so any kind.
pub(super) fn is_usual_leeway(seconds: &impl PartialEq<u64>) -> bool {
    *seconds == CLOCK_LEEWAY
}
