//! JSON by the browser's own parser.

use js_sys::{Array, JSON, Object};
use shell_core::{bounds, json::Value};
use wasm_bindgen::{JsCast, JsValue};

use crate::Error;

/// The largest whole number a JavaScript number tells from its neighbours.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Parses `text`. How deeply it may be nested is bounded before: it is converted
/// level by level, on the stack of the module.
///
/// # Errors
/// If there is too much of it ([`bounds::check_json`]); else the parser's words.
pub fn parse(text: &str) -> Result<Value, String> {
    bounds::check_json(text)?;
    match JSON::parse(text) {
        Ok(parsed) => Ok(value(&parsed)),
        Err(error) => Err(Error::from(error).message()),
    }
}

fn value(parsed: &JsValue) -> Value {
    if let Some(text) = parsed.as_string() {
        Value::Text(text)
    } else if let Some(number) = parsed.as_f64() {
        whole(number)
    } else if Array::is_array(parsed) {
        Value::List(
            parsed
                .unchecked_ref::<Array>()
                .iter()
                .map(|item| value(&item))
                .collect(),
        )
    } else if parsed.is_object() {
        Value::Object(
            Object::entries(parsed.unchecked_ref())
                .iter()
                .filter_map(|entry| field(&entry))
                .collect(),
        )
    } else if parsed.is_null() {
        Value::Null
    } else if *parsed == JsValue::TRUE {
        Value::True
    } else {
        Value::Other
    }
}

fn field(entry: &JsValue) -> Option<(String, Value)> {
    let entry: &Array = entry.unchecked_ref();
    Some((entry.get(0).as_string()?, value(&entry.get(1))))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number has just been found to be whole and in range"
)]
fn whole(number: f64) -> Value {
    if (0.0..=MAX_SAFE_INTEGER).contains(&number) && number.fract() == 0.0 {
        Value::Number(number as u64)
    } else {
        Value::Other
    }
}
