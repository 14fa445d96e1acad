use serde_json::Value as Json;
use shell_core::json::Value;

/// Parses `text` for `shell-core`, which leaves the parser to its platform.
///
/// # Errors
///
/// The parser's words, with line and column.
pub fn parse_json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text)
        .map(value)
        .map_err(|error| error.to_string())
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(_) => Value::Other,
        Json::Number(number) => number.as_u64().map_or(Value::Other, Value::Number),
        Json::String(text) => Value::Text(text),
        Json::Array(values) => Value::List(values.into_iter().map(value).collect()),
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(key, json)| (key, value(json)));
            Value::Object(fields.collect())
        }
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
            ("true", Value::Other),
            (r#""\u00e9""#, Value::Text("é".into())),
            (
                "[1, []]",
                Value::List(vec![Value::Number(1), Value::List(vec![])]),
            ),
            (
                r#"{"a": {"b": 1}}"#,
                field("a", field("b", Value::Number(1))),
            ),
            (r#"{"a": 1, "a": 2}"#, field("a", Value::Number(2))),
        ];
        for (text, expected) in table {
            assert_eq!(parse_json(text), Ok(expected), "{text}");
        }
        let deep = "[".repeat(1_000);
        for text in ["", "{", "1 2", "{'a':1}", &deep] {
            assert!(parse_json(text).is_err(), "{text}");
        }
    }
}
