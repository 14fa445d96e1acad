//! Settings as text: all of them, each with its source.

use std::fmt::Write;

use toml::{Table, Value};

use super::{ResolvedSettings, inline::INLINE};

/// Keys whose values are redacted. Of the secrets among the settings only the source
/// is shown; this is for what is put elsewhere.
const SECRET_KEYS: [&str; 5] = ["authorization", "headers", "password", "secret", "token"];

const REDACTED: &str = "[redacted]";

/// The settings in force as TOML, each with where it is from as a comment, and
/// without secrets. Of the contents of a file only the source is shown.
///
/// # Errors
/// If a setting has no form in TOML, which is a fault in the program.
pub fn show(resolved: &ResolvedSettings) -> Result<String, toml::ser::Error> {
    let table = Table::try_from(&resolved.settings)?;
    let mut text = String::new();
    section(resolved, &table, &mut Vec::new(), &mut text);
    Ok(text)
}

/// The values of a table, then the tables in it.
fn section(resolved: &ResolvedSettings, table: &Table, keys: &mut Vec<String>, text: &mut String) {
    let is_section = |value: &Value| value.as_table().is_some_and(|table| !table.is_empty());
    for (key, value) in table.iter().filter(|(_, value)| !is_section(value)) {
        if value.as_table().is_some() {
            continue;
        }
        keys.push(key.clone());
        let value = redacted(key, value);
        let source = resolved.source(keys);
        let is_inline = INLINE.iter().any(|setting| setting.is_at(keys));
        keys.pop();
        let _ = if is_inline {
            writeln!(text, "# {key} is set by {source}")
        } else {
            writeln!(text, "{} = {value}  # {source}", quoted(key))
        };
    }
    for (key, value) in table {
        if let Some(inner) = value.as_table().filter(|table| !table.is_empty()) {
            keys.push(key.clone());
            let name: Vec<_> = keys.iter().map(|key| quoted(key)).collect();
            let _ = writeln!(text, "\n[{}]", name.join("."));
            section(resolved, inner, keys, text);
            keys.pop();
        }
    }
}

/// A value without its secrets: those by name, and credentials in URLs.
fn redacted(key: &str, value: &Value) -> Value {
    let could_be = !matches!(value, Value::Integer(_) | Value::Boolean(_));
    if could_be && SECRET_KEYS.contains(&key) {
        return Value::String(REDACTED.to_owned());
    }
    match value {
        Value::String(text) => Value::String(without_user(text)),
        Value::Array(values) => {
            let values = values.iter();
            Value::Array(values.map(|value| redacted(key, value)).collect())
        }
        Value::Table(table) => {
            let values = table.iter();
            let values = values.map(|(key, value)| (key.clone(), redacted(key, value)));
            Value::Table(values.collect())
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
            value.clone()
        }
    }
}

fn without_user(text: &str) -> String {
    let parts = text.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next()?;
        let (user, _) = authority.rsplit_once('@')?;
        Some((scheme, &rest[user.len()..]))
    });
    match parts {
        Some((scheme, rest)) => format!("{scheme}://{REDACTED}{rest}"),
        None => text.to_owned(),
    }
}

/// A key as TOML writes it.
fn quoted(key: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.bytes().all(is_plain) {
        key.to_owned()
    } else {
        Value::String(key.to_owned()).to_string()
    }
}
