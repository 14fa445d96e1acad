//! Reading types from JSON: what derived code leaves open, and refusals that name
//! the key.

mod error;
mod json;

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, SeqAccess, Visitor},
};
use serde_json::Value;

use self::json::Json;

pub(crate) use self::error::Problem;

/// Reads a document.
///
/// # Errors
/// With the key that is wrong. What a check of ours says of a key below its
/// place begins with that key in backticks.
pub(crate) fn document<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let value = crate::json::parse(text).map_err(|why| Problem {
        key: String::new(),
        problem: format!("is not JSON: {why}"),
    })?;
    T::deserialize(Json(value)).map_err(Problem::from)
}

/// Reads a text; `None` if it is no JSON of a `T`.
pub(crate) fn text<T: DeserializeOwned>(text: &str) -> Option<T> {
    value(crate::json::parse(text).ok()?)
}

/// Reads a value; `None` if it is no `T`. What is wrong with it is dropped: it may
/// quote a token.
pub(crate) fn value<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(Json(value)).ok()
}

/// Reads a value that may be absent and, if it is there, is not null.
pub(crate) fn some<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads a value that may be null.
pub(crate) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a text that passes a check.
pub(crate) fn checked<'de, T, E, D>(
    deserializer: D,
    check: impl FnOnce(String) -> Result<T, E>,
) -> Result<T, D::Error>
where
    E: fmt::Display,
    D: Deserializer<'de>,
{
    check(String::deserialize(deserializer)?).map_err(Error::custom)
}

/// One text or several: an `aud` (RFC 7519 §4.1.3), or a claim's name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A single one.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;

        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: Error>(self, one: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany::One(one.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMany, A::Error> {
                let mut many = Vec::new();
                while let Some(one) = seq.next_element()? {
                    many.push(one);
                }
                Ok(OneOrMany::Many(many))
            }
        }

        deserializer.deserialize_any(Texts)
    }
}
