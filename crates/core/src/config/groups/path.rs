//! Where a claim is, among others and inside them.

use serde_json::{Map, Value};

use super::error::kind;

/// What is at the end of a path. A claim that is called as a whole path is taken
/// for that claim: names may be URLs, which have dots.
///
/// # Errors
/// With what was found where a list is needed.
pub(super) fn find<'a>(
    path: &[String],
    claims: &'a Map<String, Value>,
) -> Result<Vec<&'a Value>, &'static str> {
    let parts: Vec<&str> = match path {
        [name] if claims.contains_key(name) => return Ok(claims.get(name).into_iter().collect()),
        [name] => name.split('.').collect(),
        names => names.iter().map(String::as_str).collect(),
    };
    let Some((first, inner)) = parts.split_first() else {
        return Ok(Vec::new());
    };
    let mut found = step(|name| claims.get(name), first)?;
    for part in inner {
        let steps = found.iter().map(|value| step(|name| value.get(name), part));
        found = steps.collect::<Result<Vec<_>, _>>()?.concat();
    }
    Ok(found)
}

/// What a part of the path leads to: `name`, or with `name[]` each of a list.
fn step<'a>(
    get: impl FnOnce(&str) -> Option<&'a Value>,
    part: &str,
) -> Result<Vec<&'a Value>, &'static str> {
    let Some(name) = part.strip_suffix("[]") else {
        return Ok(get(part).into_iter().collect());
    };
    match get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(all)) => Ok(all.iter().collect()),
        Some(other) => Err(kind(other)),
    }
}
