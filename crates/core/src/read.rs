//! Reading JSON: what derived code leaves open, and refusals that name the key.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, StringDeserializer},
    },
};

use crate::json;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Path of the key, such as `provider.issuer`; empty for the document.
    pub(crate) key: String,
    /// What is wrong, after the key: "is missing".
    pub(crate) problem: String,
}

/// Reads a document.
///
/// # Errors
/// With the key that is wrong. What a check of ours says of a key below its
/// place begins with that key in backticks.
pub(crate) fn document<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let value = json::parse(text).map_err(|why| Problem {
        key: String::new(),
        problem: format!("is not JSON: {why}"),
    })?;
    serde_path_to_error::deserialize(value)
        .map_err(|error| Problem::of(&error.path().to_string(), &error.inner().to_string()))
}

impl Problem {
    fn of(path: &str, words: &str) -> Self {
        let path = if path == "." { "" } else { path };
        let (key, problem) = explained(words);
        // The path of an unknown key has its name already.
        let joint = match key {
            "" => "",
            key if path.ends_with(key) && words.starts_with("unknown field") => {
                return Self::at(path.to_owned(), problem);
            }
            _ if path.is_empty() || key.starts_with('[') => "",
            _ => ".",
        };
        Self::at(format!("{path}{joint}{key}"), problem)
    }

    fn at(key: String, problem: String) -> Self {
        Self { key, problem }
    }
}

/// The key that serde's words, or a check's, are about, and what is wrong.
fn explained(words: &str) -> (&str, String) {
    let after = |prefix: &str| words.strip_prefix(prefix)?.split_once('`');
    if let Some((key, _)) = after("missing field `") {
        (key, "is missing".to_owned())
    } else if let Some((key, _)) = after("duplicate field `") {
        (key, "is there twice".to_owned())
    } else if let Some((key, known)) = after("unknown field `") {
        (key, format!("is not a known key{known}"))
    } else if let Some((key, problem)) = after("`") {
        (key, problem.trim_start().to_owned())
    } else if words.starts_with("invalid ") || words.starts_with("unknown ") {
        ("", format!("has an {words}"))
    } else {
        ("", words.to_owned())
    }
}

/// A struct, read from an object alone: derived code also takes a list of its
/// fields' values.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfMap<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(OfMap(PhantomData)).map(Self)
    }
}

/// Reads a struct that is there, and an object.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Object::deserialize(deserializer).map(|Object(read)| read)
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

/// Reads objects; null is none.
pub(crate) fn objects<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let objects: Vec<Object<T>> = or_default(deserializer)?;
    Ok(objects.into_iter().map(|Object(read)| read).collect())
}

/// Reads one of several words; null is the usual one. Derived code also takes
/// an object with the word as its key.
pub(crate) fn word<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    let Some(word) = Option::<String>::deserialize(deserializer)? else {
        return Ok(T::default());
    };
    let word: StringDeserializer<D::Error> = word.into_deserializer();
    T::deserialize(word)
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
