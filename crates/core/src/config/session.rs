//! How long people stay signed in.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::read;

/// What becomes of a session when the worker is stopped, and when it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Who keeps the key to the stored session.
    #[serde(default, deserialize_with = "read::or_default")]
    pub keep: Keep,
    /// Seconds after which a sign-in ends however often it is renewed.
    #[serde(
        default,
        deserialize_with = "max_age",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_age: Option<u64>,
}

/// Who keeps the key to the stored session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The open pages, in memory: nothing opens it when the last is closed.
    #[default]
    WhileOpen,
    /// The browser, as a key no script can read out: the session survives
    /// closing the browser.
    OnDevice,
}

/// The greatest age of a session that survives closing the browser, in
/// seconds, unless the configuration sets one: half a day, so that nobody
/// finds a stranger signed in the next morning.
const ON_DEVICE_MAX_AGE: u64 = 12 * 60 * 60;

impl Session {
    /// The same, with an end if it has to have one.
    pub(super) fn completed(self) -> Self {
        let usual = match self.keep {
            Keep::WhileOpen => None,
            Keep::OnDevice => Some(ON_DEVICE_MAX_AGE),
        };
        let max_age = self.max_age.or(usual);
        Self { max_age, ..self }
    }
}

fn max_age<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Option::deserialize(deserializer)? {
        Some(0) => Err(D::Error::custom("must be more than 0")),
        max_age => Ok(max_age),
    }
}
