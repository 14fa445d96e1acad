//! A request, as far as a policy looks at it.

use serde_json::Value;

use super::{
    endpoints::{self, EntityKind},
    graphql::{self, Field},
    names,
    operation::{Access, Area, Operation},
};
use crate::{
    canonical_path::{Ambiguous, CanonicalPath},
    method::is_read,
};

/// What a request asks MLflow to do, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    path: CanonicalPath,
    operation: Operation,
    /// Whether it is a `GET` or a `HEAD`.
    is_get: bool,
    /// What it names, if it carries every name of what it is about.
    names: Option<Vec<(EntityKind, String)>>,
}

/// What the body of a request matters for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyRequirement {
    /// There must be none: MLflow reads a `GET`'s body in place of its query, and
    /// always a `HEAD`'s (measured, MLflow 3.18.0), and no client sends one.
    Refused,
    /// It is a GraphQL document, by which the request is judged.
    Document,
    /// It may name what is changed.
    Names,
    /// Nothing: it is a file, or a search.
    Nothing,
}

impl Request {
    /// Reads the method and the undecoded path, without its query.
    ///
    /// # Errors
    /// If the path has more than one reading.
    pub fn read(method: &str, path: &str) -> Result<Self, Ambiguous> {
        let path = CanonicalPath::parse(path)?;
        Ok(Self {
            operation: endpoints::route(method, &path),
            is_get: is_read(method),
            path,
            names: None,
        })
    }

    /// What it asks for.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Its path.
    pub fn path(&self) -> &CanonicalPath {
        &self.path
    }

    /// The parameters in its path, by name.
    pub fn parameters(&self) -> Vec<(&str, String)> {
        match &self.operation {
            Operation::Endpoint(endpoint) => endpoint.parameters(&self.path),
            Operation::GraphQl(_) | Operation::Unknown => Vec::new(),
        }
    }

    /// The headers that name what it is about, each with the parameter that it
    /// stands for.
    pub fn naming_headers(&self) -> &'static [(&'static str, &'static str)] {
        match &self.operation {
            Operation::Endpoint(endpoint) => names::headers(endpoint),
            Operation::GraphQl(_) | Operation::Unknown => &[],
        }
    }

    /// What its body matters for.
    pub fn body(&self) -> BodyRequirement {
        match &self.operation {
            _ if self.is_get => BodyRequirement::Refused,
            Operation::GraphQl(_) => BodyRequirement::Document,
            Operation::Endpoint(endpoint)
                if self.names_in_body()
                    || (endpoint.access != Access::Read && endpoint.area != Area::Artifacts) =>
            {
                BodyRequirement::Names
            }
            Operation::Endpoint(_) | Operation::Unknown => BodyRequirement::Nothing,
        }
    }

    /// Whether MLflow reads its query: a `GET`'s, and an upload's.
    pub fn reads_query(&self) -> bool {
        let is_file = matches!(&self.operation, Operation::Endpoint(endpoint)
            if endpoint.area == Area::Artifacts);
        self.is_get || is_file
    }

    /// Whether the names of what it is about are in its query.
    pub fn names_in_query(&self) -> bool {
        matches!(&self.operation, Operation::Endpoint(endpoint)
            if endpoint.method == "GET" && !endpoint.names.is_empty())
    }

    /// Whether they are in its body.
    pub fn names_in_body(&self) -> bool {
        matches!(&self.operation, Operation::Endpoint(endpoint)
            if endpoint.method != "GET" && !endpoint.names.is_empty())
    }

    /// The same, with the names that its query carries.
    #[must_use]
    pub fn with_query(self, query: &str) -> Self {
        let only = |key: &str| {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let mut values = pairs
                .filter(|(name, _)| name == key)
                .map(|(_, value)| value);
            // Which of several counts would be a guess.
            match (values.next(), values.next()) {
                (Some(value), None) => Some(value.into_owned()),
                _ => None,
            }
        };
        if self.names_in_query() {
            self.naming(only)
        } else {
            self
        }
    }

    /// The same, with the names that its JSON body carries. Of two fields with
    /// one name MLflow takes the last: the parser has to refuse them, or do so.
    #[must_use]
    pub fn with_body(self, body: &Value) -> Self {
        let Value::Object(fields) = body else {
            return self;
        };
        let text = |key: &str| {
            let mut spelled = fields.iter().filter(|(name, _)| is_spelling(name, key));
            match (spelled.next(), spelled.next()) {
                (Some((name, Value::String(text))), None) if name == key => Some(text.clone()),
                _ => None,
            }
        };
        if self.names_in_body() {
            self.naming(text)
        } else {
            self
        }
    }

    fn naming(mut self, value: impl Fn(&str) -> Option<String>) -> Self {
        if let Operation::Endpoint(endpoint) = self.operation {
            let names = endpoint.names.iter();
            self.names = names
                .map(|name| Some((name.kind, value(name.key)?)))
                .collect();
        }
        self
    }

    /// The same, for a GraphQL document that asks for these fields of the
    /// schema's root types. One that is not known makes it unknown.
    #[must_use]
    pub fn with_fields<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        let fields = fields
            .into_iter()
            .filter(|name| !graphql::is_introspection(name));
        let known: Option<Vec<&'static Field>> = fields.map(graphql::find).collect();
        self.operation = match known {
            // It tells of the schema and of nothing else.
            Some(fields) if fields.is_empty() => {
                Operation::GraphQl(graphql::find("test").into_iter().collect())
            }
            Some(fields) => Operation::GraphQl(fields),
            None => Operation::Unknown,
        };
        self
    }

    /// The names of what it is about; none if it does not carry them all.
    pub(super) fn names(&self) -> &[(EntityKind, String)] {
        self.names.as_deref().unwrap_or_default()
    }
}

/// Whether MLflow may read `name` as the parameter `key`: protobuf's JSON has
/// `new_name` and `newName`, and of both MLflow 2 takes the later.
fn is_spelling(name: &str, key: &str) -> bool {
    let letters = |text: &str| text.replace('_', "").to_ascii_lowercase();
    letters(name) == letters(key)
}
