//! JSON, in which no object has a name twice.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::bounds;

/// Parses a text. Types are read from what this returns, and so by code that is
/// there once for each type, whatever it is read from.
///
/// Of two fields with one name neither counts: who signed or wrote the text may
/// have read the other (RFC 7519 §4 leaves the choice, RFC 8725 §2.4 the harm).
///
/// # Errors
///
/// If it is too long ([`bounds::check_json`]); else the parser's words, with line
/// and column.
pub fn parse(text: &str) -> Result<Value, String> {
    bounds::check_json(text)?;
    serde_json::from_str(text)
        .map(|Strict(value)| value)
        .map_err(|error| error.to_string())
}

/// A value in which no object has a name twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if fields.contains_key(&name) {
                return Err(Error::custom(format!("`{name}` is there twice")));
            }
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_as_they_are_and_names_once() {
        let table = [
            ("null", Value::Null),
            ("7", json!(7)),
            ("-7", json!(-7)),
            ("7.0", json!(7.0)),
            (
                "18446744073709551616",
                json!(18_446_744_073_709_551_616_f64),
            ),
            ("[true, false]", json!([true, false])),
            (r#""\u00e9""#, json!("é")),
            ("[1, []]", json!([1, []])),
            (r#"{"a": {"b": 1}}"#, json!({"a": {"b": 1}})),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        let twice = [r#"{"a": 1, "a": 2}"#, r#"[{"a": 1, "\u0061": 1}]"#];
        for text in ["", "{", "1 2", "{'a':1}"].into_iter().chain(twice) {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_is_read_as_far_as_it_may_be_nested_and_no_further() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(parse(&nested(bounds::JSON_DEPTH)).is_ok());
        assert!(parse(&nested(bounds::JSON_DEPTH + 1)).is_err());
    }
}
