//! What tests of several modules share.

use crate::{Config, json::Value};

/// The parser of the native platforms.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(convert(value))
}

fn convert(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Null,
        Json::Bool(_) => Value::Other,
        Json::Number(number) => number.as_u64().map_or(Value::Other, Value::Number),
        Json::String(text) => Value::Text(text),
        Json::Array(values) => Value::List(values.into_iter().map(convert).collect()),
        Json::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| (key, convert(value)))
                .collect(),
        ),
    }
}

/// A configuration that is as good as any.
pub(crate) fn config() -> Config {
    Config::parse(
        r#"{"origin":"https://mlflow.example.com","provider":{"domain":"https://login.example.com",
            "issuer":"https://issuer.example","client_id":"client"}}"#,
        parse,
    )
    .unwrap()
}
