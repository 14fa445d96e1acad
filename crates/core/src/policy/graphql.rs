//! The fields of MLflow's GraphQL schema.
//!
//! Those of type `Mutation` are searches too, or echo what they are told, in
//! every version up to 3.18.0; `tests/endpoints` lists them per version. A
//! request whose document cannot be seen takes the rights to all of them.

use serde_json::Value;

use super::{
    endpoints::About,
    listing::GRAPHQL_VERSIONS,
    operation::{
        Access::{self, Read},
        Area::{self, Artifacts, Experiments, RegisteredModels, Runs, Server},
    },
    references::{
        Carried,
        EntityKind::{Experiment, Run},
        Parameter, Reference, any, references as read,
    },
};

/// A field of the schema's root types.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub areas: &'static [Area],
    /// What it does.
    pub access: Access,
    /// What its `input` refers to.
    about: &'static [Parameter],
}

/// A root field of a document, with its argument `input`.
#[derive(Debug, Clone, PartialEq)]
pub struct RootField {
    /// Its name.
    pub name: String,
    /// What it is given; `null` if nothing.
    pub input: Value,
}

const EXPERIMENT: &[Parameter] = &[any(Experiment, "experimentId")];
const EXPERIMENTS: &[Parameter] = &[any(Experiment, "experimentIds")];
const ONE_RUN: &[Parameter] = &[any(Run, "runId"), any(Run, "runUuid")];
const MANY_RUNS: &[Parameter] = &[any(Run, "runIds")];

/// A run has its experiment and the versions of models made from it.
const RUN: &[Area] = &[Runs, Experiments, RegisteredModels];

/// All of them.
pub static FIELDS: [Field; 9] = [
    field("mlflowGetExperiment", &[Experiments], EXPERIMENT),
    field("mlflowSearchDatasets", &[Experiments], EXPERIMENTS),
    field("mlflowGetRun", RUN, ONE_RUN),
    field("mlflowSearchRuns", RUN, EXPERIMENTS),
    field("mlflowGetMetricHistoryBulkInterval", &[Runs], MANY_RUNS),
    field("mlflowListArtifacts", &[Artifacts], ONE_RUN),
    field("mlflowSearchModelVersions", &[RegisteredModels], &[]),
    field("test", &[Server], &[]),
    field("testMutation", &[Server], &[]),
];

const fn field(name: &'static str, areas: &'static [Area], about: &'static [Parameter]) -> Field {
    Field {
        name,
        areas,
        access: Read,
        about,
    }
}

/// What the arguments of `fields` refer to; `None` if one of them has to say it and
/// does not.
pub(super) fn references(fields: &[RootField]) -> Option<Vec<Reference>> {
    let mut all = Vec::new();
    for RootField { name, input } in fields {
        let Some(field) = find(name) else {
            continue;
        };
        let carried = Carried {
            path: Vec::new(),
            query: None,
            headers: Vec::new(),
            body: Some(input).filter(|input| !input.is_null()),
        };
        let found = read(field.about, &carried)?;
        if found.is_empty() && !field.about.is_empty() {
            return None;
        }
        all.extend(found);
    }
    Some(all)
}

impl Field {
    /// What its arguments say it is about.
    pub fn about(&self) -> About {
        match self.about {
            [] if self.areas == [RegisteredModels] => About::List(&GRAPHQL_VERSIONS),
            [] => About::Unsaid,
            parameters => About::References(parameters),
        }
    }

    /// The rights it takes, all of them.
    pub(super) fn demands(&self) -> impl Iterator<Item = (Area, Access)> {
        self.areas.iter().map(|area| (*area, self.access))
    }
}

/// The field of this name, if it is known.
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// What every schema offers besides: it tells of the schema and of nothing
/// else (GraphQL, October 2021, §4).
pub fn is_introspection(name: &str) -> bool {
    matches!(name, "__schema" | "__type" | "__typename")
}
