use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use shell_core::{bounds, json::Value};

/// Parses `text` for `shell-core`, which leaves the parser to its platform.
///
/// Of two fields with one name neither counts: who signed or wrote the text may
/// have read the other (RFC 7519 §4 leaves the choice, RFC 8725 §2.4 the harm).
///
/// # Errors
///
/// If there is too much of it ([`bounds::check_json`]); else the parser's words,
/// with line and column.
pub fn parse_json(text: &str) -> Result<Value, String> {
    bounds::check_json(text)?;
    serde_json::from_str(text)
        .map(|Native(value)| value)
        .map_err(|error| error.to_string())
}

/// A value on its way from the native parser.
struct Native(Value);

impl<'de> Deserialize<'de> for Native {
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

    fn visit_bool<E: Error>(self, is_true: bool) -> Result<Value, E> {
        Ok(if is_true { Value::True } else { Value::Other })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Native(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut names = HashSet::new();
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some((name, Native(value))) = entries.next_entry::<String, Native>()? {
            if !names.insert(name.clone()) {
                return Err(Error::custom(format!("`{name}` is there twice")));
            }
            fields.push((name, value));
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_arrive_as_core_knows_them() {
        let field = |name: &str, value| Value::Object(vec![(name.into(), value)]);
        let table = [
            ("null", Value::Null),
            ("7", Value::Number(7)),
            ("-7", Value::Other),
            ("7.0", Value::Other),
            ("18446744073709551616", Value::Other),
            ("true", Value::True),
            ("false", Value::Other),
            (r#""\u00e9""#, Value::Text("é".into())),
            (
                "[1, []]",
                Value::List(vec![Value::Number(1), Value::List(vec![])]),
            ),
            (
                r#"{"a": {"b": 1}}"#,
                field("a", field("b", Value::Number(1))),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(parse_json(text), Ok(expected), "{text}");
        }
        let twice = [r#"{"a": 1, "a": 2}"#, r#"[{"a": 1, "\u0061": 1}]"#];
        for text in ["", "{", "1 2", "{'a':1}"].into_iter().chain(twice) {
            assert!(parse_json(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_is_read_as_far_as_it_may_be_nested_and_no_further() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(parse_json(&nested(bounds::JSON_DEPTH)).is_ok());
        let refused = parse_json(&nested(bounds::JSON_DEPTH + 1));
        assert_eq!(
            refused,
            Err("it is nested more than 127 levels deep".into())
        );
        // The library's own bound is the same.
        let nested = nested(bounds::JSON_DEPTH + 1);
        assert!(serde_json::from_str::<serde_json::Value>(&nested).is_err());
    }
}
