//! The schema of the chart's values.

use serde_json::{Value, json};

use crate::chart::Chart;

#[test]
fn the_schema_describes_every_value_and_is_closed() {
    let Some(chart) = Chart::render(&[]) else {
        return;
    };
    covers("", &chart.values, &chart.schema);
    describes("", &chart.schema);
}

/// Every key of the values is one of the schema, which is closed.
fn covers(path: &str, values: &Value, schema: &Value) {
    let Some(values) = values.as_object() else {
        return;
    };
    let properties = &schema["properties"];
    if properties.is_null() {
        return;
    }
    for (key, value) in values {
        let path = format!("{path}/{key}");
        assert!(
            properties[key].is_object(),
            "{path} is missing in the schema"
        );
        covers(&path, value, &properties[key]);
    }
}

/// Every part says what it is, and permits no keys that it does not name, unless it is
/// Kubernetes's, or a policy, which the gateway checks.
fn describes(path: &str, schema: &Value) {
    let text = schema["description"].as_str().unwrap_or_default();
    let is_item = path.ends_with("[]");
    assert!(is_item || !text.is_empty(), "{path} is not described");
    if schema["type"] == json!("object") && !is_foreign(path, text) {
        let others = &schema["additionalProperties"];
        let is_map = others["type"] == "string";
        assert!(is_map || others == &json!(false), "{path} is open");
    }
    let none = serde_json::Map::new();
    for (key, part) in schema["properties"].as_object().unwrap_or(&none) {
        describes(&format!("{path}/{key}"), part);
    }
    if schema["items"].is_object() && !is_foreign(path, text) {
        describes(&format!("{path}[]"), &schema["items"]);
    }
}

fn is_foreign(path: &str, text: &str) -> bool {
    text.ends_with("as Kubernetes has it") || ["/policy", "/global"].contains(&path)
}
