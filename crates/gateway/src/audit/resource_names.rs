//! The names of resources in a request.

use std::collections::BTreeMap;

use axum::{extract::Request, http::HeaderMap};
use serde::Serialize;
use serde_json::{Map, Value};
use shell_core::policy;

use crate::inspection::{InspectedBody, Inspection};

/// The longest name that is written whole, in characters.
const MAX_NAME_CHARS: usize = 256;

/// So many names of a list are written.
const MAX_LISTED: usize = 32;

/// What a request names, by the name of the parameter.
pub(super) type Names = BTreeMap<String, NamedValue>;

/// What a parameter names.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum NamedValue {
    One(String),
    Many(Vec<String>),
}

/// What the request names, where MLflow reads it: in its headers, its path, its
/// body, or its query. Of two places the earlier counts: what a path names is not
/// hidden by a body.
pub(super) fn of(inspection: &Inspection, request: &Request) -> Names {
    let mut names = of_headers(&inspection.request, request.headers());
    // What is in the path has names of its own, all of which are names.
    for (name, value) in inspection.request.parameters() {
        add(&mut names, name, NamedValue::One(shortened(&value)));
    }
    match &inspection.body {
        InspectedBody::Json(Value::Object(fields)) => {
            for (name, value) in of_body(fields) {
                add(&mut names, name, value);
            }
        }
        InspectedBody::Nothing if inspection.request.reads_query() => {
            of_query(request.uri().query().unwrap_or_default(), &mut names);
        }
        InspectedBody::Nothing | InspectedBody::Unread | InspectedBody::Json(_) => {}
    }
    names
}

fn add(names: &mut Names, name: &str, value: NamedValue) {
    names.entry(name.to_owned()).or_insert(value);
}

fn of_headers(request: &policy::Request, headers: &HeaderMap) -> Names {
    let mut names = Names::new();
    let pairs = headers.iter();
    let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_bytes()));
    if let Ok(Some(workspace)) = policy::workspace(pairs) {
        add(
            &mut names,
            "workspace",
            NamedValue::One(shortened(workspace)),
        );
    }
    for (header, name) in request.naming_headers() {
        // Of two MLflow takes the first.
        if let Some(value) = headers.get(*header) {
            let value = String::from_utf8_lossy(value.as_bytes());
            add(&mut names, name, NamedValue::One(shortened(&value)));
        }
    }
    names
}

/// Of two spellings of one name MLflow 2 takes the later. What is read here has
/// no order, so the values of both are written down.
fn of_body(fields: &Map<String, Value>) -> BTreeMap<&'static str, NamedValue> {
    let mut all: BTreeMap<&'static str, NamedValue> = BTreeMap::new();
    for (name, value) in fields {
        if let (Some(name), Some(value)) = (policy::naming_parameter(name), named(value)) {
            let value = match all.remove(name) {
                Some(other) => other.and(value),
                None => value,
            };
            all.insert(name, value);
        }
    }
    all
}

impl NamedValue {
    fn and(self, other: Self) -> Self {
        let list = |named| match named {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        };
        Self::Many([list(self), list(other)].concat())
    }
}

fn named(value: &Value) -> Option<NamedValue> {
    let Value::Array(values) = value else {
        return text(value).map(NamedValue::One);
    };
    let mut listed: Vec<String> = values.iter().take(MAX_LISTED).filter_map(text).collect();
    if values.len() > MAX_LISTED {
        listed.push("…".to_owned());
    }
    Some(listed)
        .filter(|listed| !listed.is_empty())
        .map(NamedValue::Many)
}

fn text(value: &Value) -> Option<String> {
    let number = || Some(value.as_u64()?.to_string());
    value.as_str().map(shortened).or_else(number)
}

/// Of a name that is there twice MLflow takes the first.
fn of_query(query: &str, names: &mut Names) {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if let Some(name) = policy::naming_parameter(&name) {
            add(names, name, NamedValue::One(shortened(&value)));
        }
    }
}

/// A name, or as much of it as is written.
pub(super) fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME_CHARS) {
        Some((end, _)) => [&name[..end], "…"].concat(),
        None => name.to_owned(),
    }
}
