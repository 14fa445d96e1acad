//! A request, as far as a policy looks at it.

use serde_json::Value;

use super::{
    endpoints::{self, About, Endpoint},
    graphql::{self, RootField},
    listing::Listing,
    names,
    operation::{Access, Area, Operation},
    references::{Carried, Parameter, Presence, Reference, Scope, references},
    resources::{Resource, Resources},
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
    /// Whether it is a `HEAD`, whose query MLflow does not read (MLflow 3.18.0).
    is_head: bool,
    /// What it refers to, if all parameters that say it could be read.
    references: Option<Vec<Reference>>,
    /// What its headers say, by the parameter that they stand for.
    headers: Vec<(&'static str, String)>,
    /// What is known of what it refers to.
    resources: Resources,
    /// The workspace that MLflow acts in, if it has workspaces.
    workspace: Option<String>,
}

/// What a request says it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// Nothing that rights can be limited to, or not in one reading.
    Unsaid,
    /// These entities.
    Entities(Vec<&'a Reference>),
    /// All there is.
    List(&'static Listing),
}

/// What the body of a request matters for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyRequirement {
    /// There must be none: MLflow reads a `GET`'s body in place of its query, and
    /// always a `HEAD`'s (measured, MLflow 3.18.0). The gateway turns the body of
    /// a `GET` into its query first ([`get_body`](crate::get_body)).
    Refused,
    /// It is a GraphQL document, by which the request is judged.
    Document,
    /// It may name what is changed.
    Names,
    /// It may name what is read, which matters to a policy with limits.
    References,
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
        let request = Self {
            operation: endpoints::route(method, &path),
            is_get: is_read(method),
            is_head: method == "HEAD",
            path,
            references: None,
            headers: Vec::new(),
            resources: Resources::default(),
            workspace: None,
        };
        Ok(if request.is_named_by_path() {
            request.referring(None, None)
        } else {
            request
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
                if (endpoint.access != Access::Read && endpoint.area != Area::Artifacts)
                    || (self.names_in_body() && endpoint.area == Area::RegisteredModels) =>
            {
                BodyRequirement::Names
            }
            Operation::Endpoint(_) if self.names_in_body() => BodyRequirement::References,
            Operation::Endpoint(_) | Operation::Unknown => BodyRequirement::Nothing,
        }
    }

    /// Whether MLflow reads its query: a `GET`'s, and an upload's.
    pub fn reads_query(&self) -> bool {
        let is_file = matches!(&self.operation, Operation::Endpoint(endpoint)
            if endpoint.area == Area::Artifacts);
        self.is_get || is_file
    }

    /// Whether parameters that say what it is about are in its query.
    pub fn names_in_query(&self) -> bool {
        let is_upload = |endpoint: &Endpoint| endpoint.path == "2.0/mlflow/upload-artifact";
        matches!(&self.operation, Operation::Endpoint(endpoint)
            if self.has_open_parameters() && (endpoint.method == "GET" || is_upload(endpoint)))
    }

    /// Whether they are in its body.
    pub fn names_in_body(&self) -> bool {
        self.has_open_parameters() && !self.names_in_query()
    }

    /// The fields of its body that say what it is about, if it only reads: they have to
    /// stand before others. MLflow goes on with what it has read of a body when it comes
    /// to a field of a wrong type, and a search without a scope finds everything
    /// (`_get_request_message`, MLflow 3.18.0).
    pub fn scope_of_body(&self) -> Vec<&'static str> {
        if self.operation.access() != Access::Read || !self.names_in_body() {
            return Vec::new();
        }
        let first = |key: &'static str| key.split(['.', '[']).next().unwrap_or(key);
        self.about().iter().map(|it| first(it.key)).collect()
    }

    /// Whether its body has spans of OTLP.
    pub fn takes_spans(&self) -> bool {
        matches!(&self.operation, Operation::Endpoint(endpoint)
            if endpoint.path == endpoints::SPANS_PATH)
    }

    /// The parameters that say what it is about.
    fn about(&self) -> &'static [Parameter] {
        match &self.operation {
            Operation::Endpoint(endpoint) => endpoint.about.parameters(),
            Operation::GraphQl(_) | Operation::Unknown => &[],
        }
    }

    /// Whether some of them are not in its path.
    fn has_open_parameters(&self) -> bool {
        let path = self.parameters();
        let is_open = |parameter: &Parameter| {
            !path.iter().any(|(key, _)| *key == parameter.key)
                || parameter.presence == Presence::FileName
        };
        self.about().iter().any(is_open)
    }

    fn is_named_by_path(&self) -> bool {
        !self.about().is_empty() && !self.has_open_parameters()
    }

    /// The same, with what its query refers to.
    #[must_use]
    pub fn with_query(self, query: &str) -> Self {
        if self.names_in_query() && !self.is_head {
            self.referring(Some(query), None)
        } else {
            self
        }
    }

    /// The same, with what these headers say, which are among
    /// [`naming_headers`](Self::naming_headers).
    #[must_use]
    pub fn with_headers(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers = headers;
        self
    }

    /// The same, with what its JSON body refers to. Of two fields with one name
    /// MLflow takes the last: the parser has to refuse them, or do so.
    #[must_use]
    pub fn with_body(self, body: &Value) -> Self {
        if self.names_in_body() && body.is_object() {
            self.referring(None, Some(body))
        } else {
            self
        }
    }

    fn referring(mut self, query: Option<&str>, body: Option<&Value>) -> Self {
        let carried = Carried {
            path: self.parameters(),
            query,
            headers: self.headers.clone(),
            body,
        };
        self.references = references(self.about(), &carried);
        self
    }

    /// The same, acting in this workspace of a server that has workspaces.
    #[must_use]
    pub fn in_workspace(mut self, workspace: String) -> Self {
        self.workspace = Some(workspace);
        self
    }

    /// The workspace that it acts in, if the server has workspaces.
    pub fn workspace(&self) -> Option<&str> {
        self.workspace.as_deref()
    }

    /// The same, with what is known of the entities that it refers to.
    #[must_use]
    pub fn with_resources(mut self, resources: Resources) -> Self {
        self.resources = resources;
        self
    }

    /// Adds what one of its references leads to.
    pub fn know(&mut self, reference: &Reference, resource: Resource) {
        self.resources.insert(reference, resource);
    }

    /// What is known of the entities that it refers to.
    pub(super) fn resources(&self) -> &Resources {
        &self.resources
    }

    /// What it refers to; nothing if that has not one reading.
    pub fn references(&self) -> &[Reference] {
        self.references.as_deref().unwrap_or_default()
    }

    /// Whether it refers, or may refer, to entities of this kind.
    pub(super) fn brings_in(&self, scope: Scope) -> bool {
        let is_of = |kind: &super::EntityKind| kind.scope() == scope;
        let mut parameters = self.about().iter().map(|parameter| parameter.kind);
        parameters.any(|kind| is_of(&kind))
            && match &self.references {
                Some(references) => references.iter().any(|it| is_of(&it.kind)),
                None => true,
            }
    }

    /// What it says that it is about, of those whose rights are limited as those
    /// to `area` are.
    pub(super) fn subject(&self, area: Area) -> Subject<'_> {
        let list = match &self.operation {
            Operation::Endpoint(endpoint) => match endpoint.about {
                About::List(listing) => Some(listing),
                About::Unsaid | About::References(_) => None,
            },
            Operation::GraphQl(_) => {
                (area.scope() == Scope::Models).then_some(&super::listing::GRAPHQL_VERSIONS)
            }
            Operation::Unknown => None,
        };
        // A document whose fields are renamed has answers that cannot be filtered,
        // and then it has no references.
        let Some(references) = &self.references else {
            return match (list, &self.operation) {
                (Some(list), Operation::Endpoint(_)) => Subject::List(list),
                _ => Subject::Unsaid,
            };
        };
        if let Some(list) = list {
            return Subject::List(list);
        }
        let of_scope = references
            .iter()
            .filter(|it| it.kind.scope() == area.scope());
        match of_scope.collect::<Vec<_>>() {
            none if none.is_empty() => Subject::Unsaid,
            entities => Subject::Entities(entities),
        }
    }

    /// The same, for a GraphQL document that asks for these fields of the
    /// schema's root types. One that is not known makes it unknown.
    #[must_use]
    pub fn with_fields<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        let fields = fields
            .into_iter()
            .filter(|name| !graphql::is_introspection(name));
        let known: Option<Vec<&'static graphql::Field>> = fields.map(graphql::find).collect();
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

    /// The same, with what the arguments of these root fields refer to, if the
    /// document has one operation and gives no field another name.
    #[must_use]
    pub fn with_arguments(mut self, fields: &[RootField]) -> Self {
        self.references = graphql::references(fields);
        self
    }
}
