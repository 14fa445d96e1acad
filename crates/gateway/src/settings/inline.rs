//! Settings that are the contents of a file, for platforms that give a program
//! nothing but environment variables.
//!
//! | setting | in place of | |
//! |---|---|---|
//! | `config_json` | `config` | |
//! | `policy_json` | `policy` | |
//! | `client.secret` | `client.secret_file` | a secret |
//! | `tokens.keys` | `tokens.key_file` | a secret |
//!
//! 1. A variable's value is taken as it is, and not read as TOML.
//! 2. A secret is taken from the environment only.
//! 3. One of these beside what it replaces is an error.
//! 4. None is shown, neither by `config show` nor by an error.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use shell_core::Secret;

/// The contents of a file, given as the value of a setting.
#[derive(Clone, PartialEq, Eq)]
pub struct Inline(Secret);

/// A setting that takes the contents of a file.
#[derive(Debug)]
pub(super) struct InlineSetting {
    /// The keys on the way to it.
    pub(super) keys: &'static [&'static str],
    /// The same of the setting that names a file.
    pub(super) file: &'static [&'static str],
    /// Its variable, without the prefix.
    pub(super) variable: &'static str,
    pub(super) is_secret: bool,
}

/// All of them.
pub(super) const INLINE: [InlineSetting; 4] = [
    InlineSetting {
        keys: &["config_json"],
        file: &["config"],
        variable: "CONFIG_JSON",
        is_secret: false,
    },
    InlineSetting {
        keys: &["policy_json"],
        file: &["policy"],
        variable: "POLICY_JSON",
        is_secret: false,
    },
    InlineSetting {
        keys: &["client", "secret"],
        file: &["client", "secret_file"],
        variable: "CLIENT__SECRET",
        is_secret: true,
    },
    InlineSetting {
        keys: &["tokens", "keys"],
        file: &["tokens", "key_file"],
        variable: "TOKENS__KEYS",
        is_secret: true,
    },
];

impl InlineSetting {
    /// Whether these keys lead to it.
    pub(super) fn is_at(&self, keys: &[String]) -> bool {
        self.keys == keys
    }
}

/// Whether an error may quote no value at these keys, because it may be a secret.
pub(super) fn may_hold_secret(keys: &[String]) -> bool {
    let mut secrets = INLINE.iter().filter(|setting| setting.is_secret);
    secrets.any(|setting| keys.first().map(String::as_str) == setting.keys.first().copied())
}

impl Inline {
    /// These contents.
    pub fn new(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The contents, which may be secret.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Inline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[redacted]")
    }
}

/// By hand, because the usual error quotes a value of the wrong type.
impl<'de> Deserialize<'de> for Inline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_string(Text);
        text.map_err(|_| de::Error::custom("must be a text: put it in quotes"))
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Inline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Inline, E> {
        Ok(Inline::new(text))
    }
}

#[cfg(test)]
mod tests;
