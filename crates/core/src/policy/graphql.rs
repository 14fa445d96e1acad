//! The fields of MLflow's GraphQL schema.
//!
//! Those of type `Mutation` are searches too, or echo what they are told, in
//! every version up to 3.18.0; `tests/endpoints` lists them per version. A
//! request whose document cannot be seen takes the rights to all of them.

use super::operation::{
    Access::{self, Read},
    Area::{self, Artifacts, Experiments, RegisteredModels, Runs, Server},
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
}

/// A run has its experiment and the versions of models made from it.
const RUN: &[Area] = &[Runs, Experiments, RegisteredModels];

/// All of them.
pub static FIELDS: [Field; 9] = [
    field("mlflowGetExperiment", &[Experiments]),
    field("mlflowSearchDatasets", &[Experiments]),
    field("mlflowGetRun", RUN),
    field("mlflowSearchRuns", RUN),
    field("mlflowGetMetricHistoryBulkInterval", &[Runs]),
    field("mlflowListArtifacts", &[Artifacts]),
    field("mlflowSearchModelVersions", &[RegisteredModels]),
    field("test", &[Server]),
    field("testMutation", &[Server]),
];

const fn field(name: &'static str, areas: &'static [Area]) -> Field {
    Field {
        name,
        areas,
        access: Read,
    }
}

impl Field {
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
