//! What a request refers to: experiments, runs, models and the like, by the
//! parameters that carry their names and ids.
//!
//! 1. A parameter counts where MLflow reads it: in the path, in the query of a
//!    `GET`, in a header, or in the JSON body, by a path such as
//!    `metrics[].model_id`.
//! 2. A query or a body that spells a parameter in another way (`modelId`) has no
//!    references at all: protobuf takes both spellings, and which one counts would be a
//!    guess.
//! 3. A request whose parameters cannot all be read has no references, and a rule
//!    with limits does not cover it.

use serde_json::Value;

use super::{
    artifact_owner::{artifact_owner, folder_owner, source_owner},
    names::is_spelling,
};

/// The longest name or id that is looked up, in bytes: MLflow's are at most 500
/// characters.
const LONGEST_VALUE: usize = 2000;

/// The tag by which MLflow 2 finds a trace's files: who may set it may read any file
/// (`_get_trace_artifact_repo`, MLflow 2.22.5).
const RESERVED_TAG: &str = "mlflow.artifactLocation";

/// What is referred to, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// An experiment, by its name.
    ExperimentName,
    /// An experiment, by its id.
    Experiment,
    /// A run.
    Run,
    /// A logged model of MLflow 3.
    LoggedModel,
    /// A trace.
    Trace,
    /// An evaluation dataset.
    Dataset,
    /// A label schema.
    LabelSchema,
    /// A review queue.
    ReviewQueue,
    /// An issue.
    Issue,
    /// A registered model or prompt, by its name.
    RegisteredModel,
    /// A workspace, by its name.
    Workspace,
    /// A file of the artifact store: of the run, logged model or trace that its
    /// path names.
    ArtifactPath,
    /// The URI that a model version is made from.
    ModelSource,
}

/// What rights are limited to, for one kind of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Experiments, and all that belongs to one.
    Experiments,
    /// Registered models, their versions, and prompts.
    Models,
    /// Workspaces.
    Workspaces,
}

impl EntityKind {
    /// What the rights to it are limited by.
    pub fn scope(self) -> Scope {
        match self {
            Self::RegisteredModel => Scope::Models,
            Self::Workspace => Scope::Workspaces,
            Self::ExperimentName
            | Self::Experiment
            | Self::Run
            | Self::LoggedModel
            | Self::Trace
            | Self::Dataset
            | Self::LabelSchema
            | Self::ReviewQueue
            | Self::Issue
            | Self::ArtifactPath
            | Self::ModelSource => Scope::Experiments,
        }
    }
}

impl EntityKind {
    /// Whether it is given by its name.
    pub(super) fn is_name(self) -> bool {
        matches!(
            self,
            Self::ExperimentName | Self::RegisteredModel | Self::Workspace
        )
    }

    /// What people call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::ExperimentName | Self::Experiment => "experiment",
            Self::Run => "run",
            Self::LoggedModel => "logged model",
            Self::Trace => "trace",
            Self::Dataset => "dataset",
            Self::LabelSchema => "label schema",
            Self::ReviewQueue => "review queue",
            Self::Issue => "issue",
            Self::RegisteredModel => "registered model",
            Self::Workspace => "workspace",
            Self::ArtifactPath => "artifact",
            Self::ModelSource => "source of a model",
        }
    }
}

/// A parameter that refers to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// What it refers to.
    pub kind: EntityKind,
    /// Its name, or its path in the body.
    pub key: &'static str,
    /// How often it may be there.
    pub presence: Presence,
}

/// How often a parameter may be in a request that a rule with limits covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Once, or more than once with one value.
    Once,
    /// As often as one likes, or not at all.
    Any,
    /// As `Any`, and the entity may be one that the request creates.
    New,
    /// Not at all: with it the request would reach further than its other
    /// parameters say. It may be there and empty.
    Never,
    /// At most once, as the name of a file without a folder.
    FileName,
    /// Any number of keys of tags, none of which MLflow keeps for itself.
    TagKeys,
}

/// The parameter `key`, which a request carries once.
pub(super) const fn once(kind: EntityKind, key: &'static str) -> Parameter {
    parameter(kind, key, Presence::Once)
}

/// The parameter `key`, of which a request carries any number.
pub(super) const fn any(kind: EntityKind, key: &'static str) -> Parameter {
    parameter(kind, key, Presence::Any)
}

/// A parameter of this presence.
pub(super) const fn parameter(
    kind: EntityKind,
    key: &'static str,
    presence: Presence,
) -> Parameter {
    Parameter {
        kind,
        key,
        presence,
    }
}

/// One entity that a request refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// What it is.
    pub kind: EntityKind,
    /// Its name or id.
    pub value: String,
    /// Whether the request may create it.
    pub may_be_new: bool,
}

/// Where the parameters of a request are.
pub(super) struct Carried<'a> {
    /// In the path.
    pub(super) path: Vec<(&'a str, String)>,
    /// In the query, if MLflow reads it; of parameters that are there more than
    /// once all values.
    pub(super) query: Option<&'a str>,
    /// In headers, by the parameter that they stand for.
    pub(super) headers: Vec<(&'a str, String)>,
    /// In the body.
    pub(super) body: Option<&'a Value>,
}

/// The references that `parameters` make in a request that carries these values;
/// `None` if they cannot all be read.
pub(super) fn references(
    parameters: &[Parameter],
    carried: &Carried<'_>,
) -> Option<Vec<Reference>> {
    let mut found = Vec::new();
    for parameter in parameters {
        let values = carried.values(parameter.key)?;
        found.extend(parameter.references(values)?);
    }
    found.sort();
    found.dedup();
    Some(found)
}

impl Carried<'_> {
    /// The values of a parameter, wherever they are.
    fn values(&self, key: &str) -> Option<Vec<String>> {
        let of_key = |pairs: &[(&str, String)]| {
            let pairs = pairs.iter().filter(|(name, _)| *name == key);
            pairs.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let mut values = of_key(&self.path);
        values.extend(of_key(&self.headers));
        if let Some(query) = self.query {
            collect_query(query, key, &mut values)?;
        }
        if let Some(body) = self.body {
            let path: Vec<&str> = key.split('.').collect();
            collect(body, &path, &mut values)?;
        }
        Some(values)
    }
}

/// Adds the values of `key` in a query; `None` if it has a name that MLflow could take
/// for it: up to 2.12.2 MLflow reads `runId`, and `run_ids[0]`, too.
fn collect_query(query: &str, key: &str, values: &mut Vec<String>) -> Option<()> {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let base = name.split_once('[').map_or(&*name, |(base, _)| base);
        if name == key && value.is_empty() {
            // Of several MLflow takes the first, and may take an empty one for all there is.
            return None;
        } else if name == key {
            values.push(value.into_owned());
        } else if is_spelling(base, key) {
            return None;
        }
    }
    Some(())
}

/// Adds the texts at `path` in `body`; `None` if there is something else, or a
/// field that MLflow could take for one of the path.
fn collect(body: &Value, path: &[&str], values: &mut Vec<String>) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        return collect_text(body, values);
    };
    let Value::Object(fields) = body else {
        return None;
    };
    let key = first.trim_end_matches("[]").trim_end_matches("{}");
    let mut spelled = fields.iter().filter(|(name, _)| is_spelling(name, key));
    match (spelled.next(), spelled.next()) {
        (None, _) | (Some((_, Value::Null)), None) => Some(()),
        (Some((name, Value::Object(map))), None) if name == key && first.ends_with("{}") => {
            values.extend(map.keys().cloned());
            Some(())
        }
        (Some((name, value)), None) if name == key => match value.as_array() {
            Some(items) if first.ends_with("[]") || rest.is_empty() => items
                .iter()
                .try_for_each(|item| collect(item, rest, values)),
            Some(_) | None => collect(value, rest, values),
        },
        _ => None,
    }
}

fn collect_text(value: &Value, values: &mut Vec<String>) -> Option<()> {
    if !value.is_null() {
        values.push(value.as_str()?.to_owned());
    }
    Some(())
}

/// Whether an id is a number in its one spelling: MLflow takes `07` for `7`.
fn is_canonical_number(id: &str) -> bool {
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (id == "0" || !id.starts_with('0'))
}

impl Parameter {
    fn references(&self, mut values: Vec<String>) -> Option<Vec<Reference>> {
        // An empty text is protobuf's way to leave a field out.
        values.retain(|value| !value.is_empty());
        // Clients repeat in the body what is in the path.
        values.sort_unstable();
        values.dedup();
        let is_met = match self.presence {
            Presence::Once => values.len() == 1,
            Presence::Any | Presence::New => true,
            Presence::Never => values.is_empty(),
            Presence::TagKeys => {
                let is_reserved = |key: &String| key == RESERVED_TAG;
                return (!values.iter().any(is_reserved)).then(Vec::new);
            }
            Presence::FileName => {
                let is_plain = |value: &String| !value.contains(['/', '\\', '%', ':']);
                return (values.len() <= 1 && values.iter().all(is_plain)).then(Vec::new);
            }
        };
        if !is_met {
            return None;
        }
        let folders = values
            .iter()
            .filter(|_| self.kind == EntityKind::ArtifactPath);
        let folders = folders
            .filter_map(|path| folder_owner(path))
            .map(|id| Reference {
                kind: EntityKind::Experiment,
                value: id.to_owned(),
                may_be_new: false,
            });
        let folders: Vec<Reference> = folders.collect();
        let owners = values.into_iter().map(|value| self.reference(value));
        let owners: Vec<Reference> = owners.collect::<Option<_>>()?;
        Some([folders, owners].concat())
    }

    fn reference(&self, value: String) -> Option<Reference> {
        let (kind, value) = if self.kind == EntityKind::ArtifactPath {
            artifact_owner(&value)?
        } else if self.kind == EntityKind::ModelSource {
            source_owner(&value)?
        } else {
            (self.kind, value)
        };
        let is_other_spelling = kind == EntityKind::Experiment && !is_canonical_number(&value);
        if is_other_spelling || value.len() > LONGEST_VALUE {
            return None;
        }
        Some(Reference {
            kind,
            value,
            may_be_new: self.presence == Presence::New,
        })
    }
}
