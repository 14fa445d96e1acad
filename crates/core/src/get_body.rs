//! The JSON body of a `GET`, which old clients of MLflow send (mlflow-export-import
//! 1.2.0).
//!
//! MLflow reads the query of a `GET`, if there is one, and otherwise its body
//! (`_get_request_message`, MLflow 3.18.0); other handlers read the query alone. So
//! that policy, audit log and MLflow have one reading, the body becomes the query,
//! and no body is forwarded:
//!
//! 1. An empty body, or an object without fields, says nothing.
//! 2. Without a query, the body is an object of texts, whole numbers and truth
//!    values, or lists of these, which is the query that MLflow's own client would
//!    have sent. `null` is a field that is not there.
//! 3. With a query, the body says the same.

use std::slice;

use form_urlencoded::Serializer;
use serde_json::Value;

use crate::{bounds::GET_BODY, json, refusal::Problem};

/// The query of a `GET` with this query, without its `?`, and this body.
///
/// # Errors
/// If the body is too long, or cannot be said in a query, or says something else.
pub fn into_query(query: &str, body: &[u8]) -> Result<String, Problem> {
    if body.len() > GET_BODY {
        return Err(Problem::body_of_get_too_long());
    }
    let mut said = pairs(body).ok_or_else(Problem::body_of_get_not_flat)?;
    let mut asked: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    if asked.is_empty() {
        return Ok(Serializer::new(String::new()).extend_pairs(said).finish());
    }
    said.sort_unstable();
    asked.sort_unstable();
    if said.is_empty() || said == asked {
        Ok(query.to_owned())
    } else {
        Err(Problem::body_of_get_differs())
    }
}

/// What the body says, as pairs of a query.
fn pairs(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let Value::Object(fields) = json::parse(text).ok()? else {
        return None;
    };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        if value.is_null() {
            continue;
        }
        let values = value
            .as_array()
            .map_or(slice::from_ref(&value), Vec::as_slice);
        for value in values {
            pairs.push((name.clone(), scalar(value)?));
        }
    }
    Some(pairs)
}

/// A value as MLflow reads it from a query.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        // Others have several spellings.
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_becomes_the_query_or_agrees_with_it() {
        let table = [
            ("", "", Some("")),
            ("", " ", Some("")),
            ("", "{}", Some("")),
            ("a=1", "", Some("a=1")),
            ("a=1", "{}", Some("a=1")),
            ("", r#"{"run_id": "a b"}"#, Some("run_id=a+b")),
            (
                "",
                r#"{"max_results": 5, "page_token": null}"#,
                Some("max_results=5"),
            ),
            ("", r#"{"x": true, "y": -1}"#, Some("x=true&y=-1")),
            ("", r#"{"ids": ["1", "2"]}"#, Some("ids=1&ids=2")),
            ("", r#"{"ids": []}"#, Some("")),
            ("run_id=a", r#"{"run_id": "a"}"#, Some("run_id=a")),
            ("b=2&a=1", r#"{"a": 1, "b": "2"}"#, Some("b=2&a=1")),
            ("run_id=a", r#"{"run_id": "b"}"#, None),
            ("run_id=a", r#"{"run_id": "a", "path": "b"}"#, None),
            ("run_id=a&path=b", r#"{"run_id": "a"}"#, None),
            ("", r#"{"a": {"b": 1}}"#, None),
            ("", r#"{"a": [["b"]]}"#, None),
            ("", r#"{"a": 1.5}"#, None),
            ("", r#"{"a": 18446744073709551616}"#, None),
            ("", r#"{"a": 1, "a": 2}"#, None),
            ("", r#"["a"]"#, None),
            ("", r#""{\"a\": 1}""#, None),
            ("", "a=1", None),
            ("", "{", None),
        ];
        for (query, body, expected) in table {
            let found = into_query(query, body.as_bytes()).ok();
            assert_eq!(found.as_deref(), expected, "{query:?} {body}");
        }
    }

    #[test]
    fn a_body_is_bounded() {
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(GET_BODY));
        assert_eq!(
            into_query("", long.as_bytes()),
            Err(Problem::body_of_get_too_long())
        );
        assert!(into_query("", b"\xff").is_err());
    }
}
