//! Which method of an API a request is for.

use super::api::{Api, Method};

/// A method, and what the path has for its parameter.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) method: &'a Method,
    /// The value of `{proxy+}`, as the client spelt it; empty if the resource
    /// has none.
    pub(super) proxy: String,
}

/// Finds the method for `verb` at `path`, which is below the stage.
///
/// A plain name goes before a parameter, whatever the order; then a method of
/// its own before `ANY`. There is no way back: a resource without the method
/// hides what would match less closely.
pub(super) fn find<'a>(api: &'a Api, verb: &str, path: &str) -> Option<Found<'a>> {
    let matching = api.methods.iter().filter_map(|method| {
        let proxy = proxy(method.resource, path)?.to_owned();
        Some((closeness(method.resource), Found { method, proxy }))
    });
    let matching: Vec<_> = matching.collect();
    let closest = matching.iter().map(|(closeness, _)| *closeness).max()?;
    let named = |name: &str| {
        matching
            .iter()
            .find(|(closeness, it)| *closeness == closest && it.method.verb == name)
    };
    let (_, found) = named(verb).or_else(|| named("ANY"))?;
    Some(found.clone())
}

/// What `{proxy+}` is of `path`, if the resource fits; it is never empty.
fn proxy<'a>(resource: &str, path: &'a str) -> Option<&'a str> {
    let Some(base) = resource.strip_suffix("{proxy+}") else {
        return (resource == path).then_some("");
    };
    path.strip_prefix(base).filter(|rest| !rest.is_empty())
}

/// How many segments are plain names.
fn closeness(resource: &str) -> usize {
    let segments = resource.split('/');
    segments.filter(|it| !it.starts_with('{')).count()
}
