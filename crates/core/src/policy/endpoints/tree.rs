//! Finding an endpoint by the segments of a path.

use std::collections::BTreeMap;

use super::Endpoint;

/// What follows some segments.
#[derive(Debug, Default)]
pub(super) struct Node {
    literals: BTreeMap<&'static str, Node>,
    one: Option<Box<Node>>,
    many: Option<Box<Node>>,
    here: Vec<&'static Endpoint>,
}

/// A segment of a row's path.
enum Part<'a> {
    Literal(&'a str),
    One(&'a str),
    Many(&'a str),
}

impl<'a> Part<'a> {
    fn of(segment: &'a str) -> Self {
        let inner = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match inner {
            None => Self::Literal(segment),
            Some(name) => match name.strip_suffix('*') {
                Some(name) => Self::Many(name),
                None => Self::One(name),
            },
        }
    }
}

impl Node {
    pub(super) fn grow(endpoints: impl Iterator<Item = &'static Endpoint>) -> Self {
        let mut root = Self::default();
        for endpoint in endpoints {
            let node = endpoint.path.split('/').fold(&mut root, Self::child);
            node.here.push(endpoint);
        }
        root
    }

    fn child(&mut self, segment: &'static str) -> &mut Self {
        match Part::of(segment) {
            Part::Literal("") => self,
            Part::Literal(text) => self.literals.entry(text).or_default(),
            Part::One(_) => self.one.get_or_insert_default(),
            Part::Many(_) => self.many.get_or_insert_default(),
        }
    }

    /// The endpoint of this path and method: a literal segment before one that
    /// may be anything, and that before several.
    ///
    /// Only what ends in several segments may end in a slash, and those that
    /// are written so.
    pub(super) fn find(
        &self,
        segments: &[&str],
        folder: bool,
        method: &str,
    ) -> Option<&'static Endpoint> {
        let Some((first, rest)) = segments.split_first() else {
            let mut here = self.here.iter();
            let found = here.find(|endpoint| endpoint.method == method && endpoint.ends(folder));
            return found.copied();
        };
        let literal = || self.literals.get(first)?.find(rest, folder, method);
        let one = || self.one.as_ref()?.find(rest, folder, method);
        let many = || {
            let many = self.many.as_ref()?;
            let mut ends = 0..=rest.len();
            ends.find_map(|end| many.find(rest.get(end..)?, folder, method))
        };
        literal().or_else(one).or_else(many)
    }
}

impl Endpoint {
    fn ends(&self, folder: bool) -> bool {
        self.path.ends_with('/') == folder || self.path.ends_with("*}")
    }
}

/// The parameters among `parts`, with what `segments` has for them. They are
/// compared from the end, and of several that take several segments only the
/// first takes more than one.
pub(super) fn parameters<'a>(parts: &[&'a str], segments: &[String]) -> Vec<(&'a str, String)> {
    let Some((part, before)) = parts.split_last() else {
        return Vec::new();
    };
    let is_first = !before.iter().any(|part| part.ends_with("*}"));
    let taken = match Part::of(part) {
        Part::Literal("") => 0,
        Part::Many(_) if is_first => segments.len().saturating_sub(before.len()),
        Part::Literal(_) | Part::One(_) | Part::Many(_) => 1,
    };
    let Some((rest, own)) = segments.split_at_checked(segments.len().saturating_sub(taken)) else {
        return Vec::new();
    };
    let mut found = parameters(before, rest);
    if let Part::One(name) | Part::Many(name) = Part::of(part) {
        found.push((name, own.join("/")));
    }
    found
}
