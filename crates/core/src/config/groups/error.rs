//! What is wrong with a claim that groups are read from.

use std::fmt;

use serde_json::Value;

/// A claim that groups are read from has none, or not in a form that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupsError {
    /// The claim, as the rule names it.
    pub(super) claim: String,
    /// What it is.
    pub(super) found: &'static str,
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(super) fn list_with(item: &Value) -> &'static str {
    if item.is_object() {
        // The cure is a path.
        "a list of objects (a rule reads their names with `groups[].name`)"
    } else {
        "a list with something else than texts in it"
    }
}

impl fmt::Display for GroupsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { claim, found } = self;
        write!(
            f,
            "the claim `{claim}` is {found}, a list of texts is needed"
        )
    }
}

impl std::error::Error for GroupsError {}
