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
use super::{
    listing::Listing,
    operation::{Access, Area, Operation},
    references::{Parameter, Scope},
};
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
    /// What it is about.
    pub about: About,
}

/// How an endpoint says what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// By nothing that rights can be limited to.
    Unsaid,
    /// By these parameters.
    References(&'static [Parameter]),
    /// It lists all there is.
    List(&'static Listing),
}

/// Endpoints of one area below one path.
struct Family {
    area: Area,
    base: &'static str,
    rows: &'static [Row],
}

/// One of them: its method, the rest of its path, what it does, what it is about.
struct Row(&'static str, &'static str, Access, About);

const fn get(path: &'static str, access: Access) -> Row {
    Row("GET", path, access, About::Unsaid)
}

const fn post(path: &'static str, access: Access) -> Row {
    Row("POST", path, access, About::Unsaid)
}

const fn put(path: &'static str, access: Access) -> Row {
    Row("PUT", path, access, About::Unsaid)
}

const fn patch(path: &'static str, access: Access) -> Row {
    Row("PATCH", path, access, About::Unsaid)
}

const fn delete(path: &'static str, access: Access) -> Row {
    Row("DELETE", path, access, About::Unsaid)
}

impl Row {
    const fn of(self, parameters: &'static [Parameter]) -> Self {
        Self(self.0, self.1, self.2, About::References(parameters))
    }

    const fn listing(self, listing: &'static Listing) -> Self {
        Self(self.0, self.1, self.2, About::List(listing))
    }
}

/// The path of OTLP's endpoint for spans, whose body is protobuf or JSON of OTLP. As
/// the body of such a request [`Request::with_body`](super::Request::with_body) takes
/// `{"trace_ids": ["tr-…"]}`, the traces that it has spans of.
pub const SPANS_PATH: &str = "v1/traces";

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
            .map(move |Row(method, rest, access, about)| Endpoint {
                method,
                path: join(self.base, rest),
                area: self.area,
                access: *access,
                is_api,
                about: *about,
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

impl About {
    /// The parameters that say it.
    pub fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::References(parameters) => parameters,
            Self::Unsaid | Self::List(_) => &[],
        }
    }

    /// Whether rights to it can be limited to entities of this kind.
    pub fn can_be_limited(self, scope: Scope) -> bool {
        match self {
            Self::References(parameters) => parameters.iter().any(|it| it.kind.scope() == scope),
            Self::List(listing) => listing.scope == scope,
            Self::Unsaid => false,
        }
    }
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
