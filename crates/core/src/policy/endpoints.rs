//! Every endpoint of every supported MLflow version, and what it does.
//!
//! The rows stand in one file for each part of MLflow. `tests/endpoints` has
//! the list that MLflow itself gives, per version, and a test that none of it
//! is missing here. In a row's path `{name}` stands for a segment and `{name*}`
//! for one or more.

mod administration;
mod generative;
mod registry;
mod server;
mod tracking;
mod tree;

use std::sync::LazyLock;

use self::tree::Node;
use super::operation::{Access, Area, Operation};
use crate::canonical_path::CanonicalPath;

/// An endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// Its path, for the API below `/api` and `/ajax-api`.
    pub path: String,
    /// What it is about.
    pub area: Area,
    /// What it does.
    pub access: Access,
    /// Whether it is found below `/api` and `/ajax-api`.
    pub is_api: bool,
    /// The parameters that name what it is about; all of them, or none.
    pub names: &'static [Name],
}

/// A parameter with a name that rights can be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// What it names.
    pub kind: EntityKind,
    /// The parameter's own name.
    pub key: &'static str,
}

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// An experiment.
    Experiment,
    /// A registered model.
    RegisteredModel,
}

/// Endpoints of one area below one path.
struct Family {
    area: Area,
    base: &'static str,
    rows: &'static [Row],
}

/// One of them: its method, the rest of its path, what it does, what it names.
struct Row(&'static str, &'static str, Access, &'static [Name]);

const fn get(path: &'static str, access: Access) -> Row {
    Row("GET", path, access, &[])
}

const fn post(path: &'static str, access: Access) -> Row {
    Row("POST", path, access, &[])
}

const fn put(path: &'static str, access: Access) -> Row {
    Row("PUT", path, access, &[])
}

const fn patch(path: &'static str, access: Access) -> Row {
    Row("PATCH", path, access, &[])
}

const fn delete(path: &'static str, access: Access) -> Row {
    Row("DELETE", path, access, &[])
}

impl Row {
    const fn naming(self, names: &'static [Name]) -> Self {
        Self(self.0, self.1, self.2, names)
    }
}

/// All endpoints.
static ALL: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    let below_api = [
        tracking::API,
        registry::API,
        generative::API,
        administration::API,
        server::API,
    ];
    let elsewhere = [
        tracking::ROOT,
        registry::ROOT,
        generative::ROOT,
        administration::ROOT,
        server::ROOT,
    ];
    let endpoints = |families: [&'static [Family]; 5], is_api| {
        let families = families.into_iter().flatten();
        families.flat_map(move |family| family.endpoints(is_api))
    };
    endpoints(below_api, true)
        .chain(endpoints(elsewhere, false))
        .collect()
});

static TREES: LazyLock<[Node; 2]> = LazyLock::new(|| {
    let tree = |is_api| Node::grow(ALL.iter().filter(|endpoint| endpoint.is_api == is_api));
    [tree(false), tree(true)]
});

impl Family {
    fn endpoints(&self, is_api: bool) -> impl Iterator<Item = Endpoint> {
        self.rows
            .iter()
            .map(move |Row(method, rest, access, names)| Endpoint {
                method,
                path: join(self.base, rest),
                area: self.area,
                access: *access,
                is_api,
                names,
            })
    }
}

fn join(base: &str, rest: &str) -> String {
    let slash = if base.is_empty() || rest.is_empty() {
        ""
    } else {
        "/"
    };
    format!("{base}{slash}{rest}")
}

/// All endpoints.
pub fn all() -> impl Iterator<Item = &'static Endpoint> {
    ALL.iter()
}

/// Tells what a request of `method` for `path` does.
///
/// 1. `HEAD` is judged as `GET`, which MLflow executes for it.
/// 2. Both spellings of the API's prefix are one, and so is the prefix
///    `2.0/preview` of MLflow 1.x.
/// 3. Methods and segments are compared as they are: MLflow knows no other case.
/// 4. `graphql` is judged by its fields, once its document is known
///    ([`Request::with_fields`](super::Request::with_fields)); until then by all.
pub fn route(method: &str, path: &CanonicalPath) -> Operation {
    let method = if method == "HEAD" { "GET" } else { method };
    let segments: Vec<&str> = path.segments().iter().map(String::as_str).collect();
    let found = match segments.as_slice() {
        ["graphql"] if matches!(method, "GET" | "POST") && !path.is_folder() => {
            return Operation::GraphQl(super::graphql::FIELDS.iter().collect());
        }
        ["api" | "ajax-api", "2.0", "preview", "mlflow", rest @ ..] => {
            let segments = [&["2.0", "mlflow"], rest].concat();
            TREES[1].find(&segments, path.is_folder(), method)
        }
        ["api" | "ajax-api", rest @ ..] => TREES[1].find(rest, path.is_folder(), method),
        all => TREES[0].find(all, path.is_folder(), method),
    };
    found.map_or(Operation::Unknown, Operation::Endpoint)
}

impl Endpoint {
    /// The parameters in its path, with what `path` has for them.
    pub fn parameters(&self, path: &CanonicalPath) -> Vec<(&str, String)> {
        let segments = path.segments();
        let segments = segments.get(usize::from(self.is_api)..).unwrap_or_default();
        let parts: Vec<&str> = self.path.split('/').collect();
        tree::parameters(&parts, segments)
    }
}

#[cfg(test)]
pub(super) mod tests;
