//! What the entities are that requests refer to, as MLflow tells.
//!
//! A policy names experiments and models; requests carry ids. [`lookup`] says how
//! MLflow is asked, and [`Lookup::found`] reads its answer; a gateway asks and keeps
//! what it may. Rules:
//!
//! 1. What belongs to an experiment (a run, a trace, a logged model) belongs to it
//!    for good, and may be kept. A name or a tag can change
//!    ([`Lookup::may_change`]).
//! 2. What MLflow does not know covers nothing, unless the request creates it.
//! 3. An entity that has not been looked up covers nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::references::{EntityKind, Reference};

/// The name and the tags of an experiment or a registered model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Its name.
    pub name: String,
    /// Its tags, by key.
    pub tags: BTreeMap<String, String>,
}

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// An experiment or a registered model.
    Labelled(Labels),
    /// Something of these experiments, by their ids.
    Of(Vec<String>),
    /// MLflow knows no such entity.
    Absent,
}

impl Resource {
    /// Leaves only those tags whose key `is_kept`.
    pub fn retain_tags(&mut self, is_kept: impl Fn(&str) -> bool) {
        if let Self::Labelled(labels) = self {
            labels.tags.retain(|key, _| is_kept(key));
        }
    }
}

/// What is known of the entities that a request refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources(BTreeMap<EntityKind, BTreeMap<String, Resource>>);

impl Resources {
    /// Adds what `reference` leads to.
    pub fn insert(&mut self, reference: &Reference, resource: Resource) {
        let of_kind = self.0.entry(reference.kind).or_default();
        of_kind.insert(reference.value.clone(), resource);
    }

    /// What `reference` leads to, if that is known.
    pub fn get(&self, reference: &Reference) -> Option<&Resource> {
        self.named(reference.kind, &reference.value)
    }

    fn named(&self, kind: EntityKind, value: &str) -> Option<&Resource> {
        self.0.get(&kind)?.get(value)
    }

    /// The references that have to be looked up next, to know the labels of what
    /// `reference` leads to: itself, or the experiments that it belongs to.
    pub fn missing(&self, reference: &Reference) -> Vec<Reference> {
        match self.get(reference) {
            None => vec![reference.clone()],
            Some(Resource::Labelled(_) | Resource::Absent) => Vec::new(),
            Some(Resource::Of(experiments)) => {
                let unknown = experiments
                    .iter()
                    .filter(|id| self.named(EntityKind::Experiment, id).is_none());
                unknown.map(|id| experiment(id)).collect()
            }
        }
    }

    /// The labels of the experiments or of the model that `reference` leads to;
    /// `None` if they are not known.
    pub(super) fn labels(&self, reference: &Reference) -> Option<Vec<&Labels>> {
        match self.get(reference)? {
            Resource::Labelled(labels) => Some(vec![labels]),
            Resource::Of(experiments) => {
                let all: Option<Vec<_>> = experiments
                    .iter()
                    .map(|id| match self.named(EntityKind::Experiment, id)? {
                        Resource::Labelled(labels) => Some(labels),
                        Resource::Of(_) | Resource::Absent => None,
                    })
                    .collect();
                all.filter(|all| !all.is_empty())
            }
            Resource::Absent => None,
        }
    }
}

fn experiment(id: &str) -> Reference {
    Reference {
        kind: EntityKind::Experiment,
        value: id.to_owned(),
        may_be_new: false,
    }
}

/// How MLflow is asked about an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Path and query of a `GET`.
    pub target: String,
    /// Whether the answer may become another one.
    pub may_change: bool,
    kind: EntityKind,
}

/// How to look up `reference`; `None` if MLflow has nothing to say of it.
pub fn lookup(reference: &Reference) -> Option<Lookup> {
    let value: String = form_urlencoded::byte_serialize(reference.value.as_bytes()).collect();
    // In a path `+` is a plus sign.
    let segment = value.replace('+', "%20");
    let target = match reference.kind {
        EntityKind::Experiment => format!("2.0/mlflow/experiments/get?experiment_id={value}"),
        EntityKind::ExperimentName => {
            format!("2.0/mlflow/experiments/get-by-name?experiment_name={value}")
        }
        EntityKind::Run => format!("2.0/mlflow/runs/get?run_id={value}"),
        EntityKind::LoggedModel => format!("2.0/mlflow/logged-models/{segment}"),
        EntityKind::Trace => format!("2.0/mlflow/traces/{segment}/info"),
        EntityKind::Dataset => format!("3.0/mlflow/datasets/{segment}/experiment-ids"),
        EntityKind::LabelSchema => format!("3.0/mlflow/label-schemas/get?schema_id={value}"),
        EntityKind::ReviewQueue => format!("3.0/mlflow/review-queues/get?queue_id={value}"),
        EntityKind::Issue => format!("3.0/mlflow/issues/{segment}"),
        EntityKind::RegisteredModel => format!("2.0/mlflow/registered-models/get?name={value}"),
        EntityKind::Workspace | EntityKind::ArtifactPath | EntityKind::ModelSource => return None,
    };
    let may_change = matches!(
        reference.kind,
        EntityKind::Experiment
            | EntityKind::ExperimentName
            | EntityKind::Dataset
            | EntityKind::RegisteredModel
    );
    Some(Lookup {
        target: format!("/api/{target}"),
        may_change,
        kind: reference.kind,
    })
}

impl Lookup {
    /// Reads MLflow's answer; `None` if it is not one.
    pub fn found(&self, answer: &Value) -> Option<Resource> {
        match self.kind {
            EntityKind::Experiment | EntityKind::ExperimentName => {
                labels(answer.get("experiment")?).map(Resource::Labelled)
            }
            EntityKind::RegisteredModel => {
                labels(answer.get("registered_model")?).map(Resource::Labelled)
            }
            EntityKind::Run => one(answer, "/run/info/experiment_id"),
            EntityKind::LoggedModel => one(answer, "/model/info/experiment_id"),
            EntityKind::Trace => one(answer, "/trace_info/experiment_id"),
            EntityKind::LabelSchema => one(answer, "/label_schema/experiment_id"),
            EntityKind::ReviewQueue => one(answer, "/review_queue/experiment_id"),
            EntityKind::Issue => one(answer, "/issue/experiment_id"),
            EntityKind::Dataset => several(answer.get("experiment_ids")),
            EntityKind::Workspace | EntityKind::ArtifactPath | EntityKind::ModelSource => None,
        }
    }

    /// Whether an error of this status and JSON says that there is no such entity.
    pub fn is_absent(status: u16, answer: &Value) -> bool {
        status == 404
            && answer
                .get("error_code")
                .is_some_and(|code| code == "RESOURCE_DOES_NOT_EXIST")
    }
}

fn one(answer: &Value, pointer: &str) -> Option<Resource> {
    let id = answer.pointer(pointer)?.as_str()?;
    Some(Resource::Of(vec![id.to_owned()]))
}

/// Protobuf leaves an empty list out.
fn several(ids: Option<&Value>) -> Option<Resource> {
    let Some(ids) = ids else {
        return Some(Resource::Of(Vec::new()));
    };
    let ids = ids.as_array()?.iter();
    let ids: Option<Vec<String>> = ids.map(|id| id.as_str().map(ToOwned::to_owned)).collect();
    ids.map(Resource::Of)
}

/// The labels of an entity as MLflow's JSON has it.
pub(super) fn labels(entity: &Value) -> Option<Labels> {
    let name = entity.get("name")?.as_str()?.to_owned();
    let tags = entity.get("tags").and_then(Value::as_array);
    let tag = |tag: &Value| {
        let text = |key| Some(tag.get(key)?.as_str()?.to_owned());
        Some((text("key")?, text("value").unwrap_or_default()))
    };
    let tags = tags.into_iter().flatten().filter_map(tag).collect();
    Some(Labels { name, tags })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reference(kind: EntityKind, value: &str) -> Reference {
        Reference {
            kind,
            value: value.to_owned(),
            may_be_new: false,
        }
    }

    #[test]
    fn entities_are_looked_up_until_their_experiment_has_a_name() {
        let run = reference(EntityKind::Run, "r");
        let mut known = Resources::default();
        assert_eq!(known.missing(&run), std::slice::from_ref(&run));
        assert_eq!(known.labels(&run), None);

        let asked = lookup(&run).unwrap();
        assert_eq!(asked.target, "/api/2.0/mlflow/runs/get?run_id=r");
        let answer = json!({"run": {"info": {"experiment_id": "7"}}});
        known.insert(&run, asked.found(&answer).unwrap());
        let experiment = experiment("7");
        assert_eq!(known.missing(&run), std::slice::from_ref(&experiment));
        assert_eq!(known.labels(&run), None);

        let asked = lookup(&experiment).unwrap();
        let answer = json!({"experiment": {"name": "n", "tags": [{"key": "team", "value": "a"}]}});
        known.insert(&experiment, asked.found(&answer).unwrap());
        assert_eq!(known.missing(&run), []);
        let labels = known.labels(&run).unwrap();
        assert_eq!(labels[0].name, "n");
        assert_eq!(labels[0].tags["team"], "a");
    }

    #[test]
    fn every_kind_that_requests_carry_can_be_looked_up() {
        let table = [
            (
                EntityKind::Experiment,
                "experiments/get?experiment_id=a%2F+b",
                true,
            ),
            (
                EntityKind::ExperimentName,
                "experiments/get-by-name?experiment_name=a%2F+b",
                true,
            ),
            (EntityKind::LoggedModel, "logged-models/a%2F%20b", false),
            (EntityKind::Trace, "traces/a%2F%20b/info", false),
            (
                EntityKind::Dataset,
                "datasets/a%2F%20b/experiment-ids",
                true,
            ),
            (
                EntityKind::LabelSchema,
                "label-schemas/get?schema_id=a%2F+b",
                false,
            ),
            (
                EntityKind::ReviewQueue,
                "review-queues/get?queue_id=a%2F+b",
                false,
            ),
            (EntityKind::Issue, "issues/a%2F%20b", false),
            (
                EntityKind::RegisteredModel,
                "registered-models/get?name=a%2F+b",
                true,
            ),
        ];
        for (kind, target, may_change) in table {
            let asked = lookup(&reference(kind, "a/ b")).unwrap();
            assert!(asked.target.ends_with(target), "{kind:?} {}", asked.target);
            assert_eq!(asked.may_change, may_change, "{kind:?}");
            assert_eq!(
                asked.found(&json!({"unlike": 1})).is_some(),
                kind == EntityKind::Dataset
            );
        }
    }

    #[test]
    fn only_mlflow_itself_says_that_there_is_no_such_entity() {
        let told = json!({"error_code": "RESOURCE_DOES_NOT_EXIST"});
        assert!(Lookup::is_absent(404, &told));
        assert!(!Lookup::is_absent(404, &json!({})));
        assert!(!Lookup::is_absent(500, &told));
    }
}
