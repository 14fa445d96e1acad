//! Experiments, runs and their files.

use super::{
    super::{
        listing::{EXPERIMENTS, EXPERIMENTS_UNFILTERED},
        references::{
            EntityKind::{ArtifactPath, Experiment, ExperimentName, LoggedModel, Run},
            Parameter, Presence, any, once, parameter,
        },
    },
    Access::{Manage, Read, Write},
    Area, Family, delete, get, patch, post, put,
};

const CREATED: &[Parameter] = &[
    once(ExperimentName, "name"),
    // It could be a folder with other experiments' files.
    parameter(Experiment, "artifact_location", Presence::Never),
];

const FOUND: &[Parameter] = &[once(ExperimentName, "experiment_name")];

pub(super) const EXPERIMENT: &[Parameter] = &[once(Experiment, "experiment_id")];

pub(super) const EXPERIMENTS_OF: &[Parameter] = &[any(Experiment, "experiment_ids")];

const RENAMED: &[Parameter] = &[EXPERIMENT[0], any(ExperimentName, "new_name")];

const RUN: &[Parameter] = &[once(Run, "run_id")];

/// MLflow 1 says `run_uuid`, and later versions read both.
const EITHER_RUN: &[Parameter] = &[any(Run, "run_id"), any(Run, "run_uuid")];

const METRIC: &[Parameter] = &[EITHER_RUN[0], EITHER_RUN[1], any(LoggedModel, "model_id")];

const BATCH: &[Parameter] = &[RUN[0], any(LoggedModel, "metrics[].model_id")];

const LINKED: &[Parameter] = &[RUN[0], any(LoggedModel, "models[].model_id")];

const LOGGED_MODEL: &[Parameter] = &[once(LoggedModel, "model_id")];

const LOGGED: &[Parameter] = &[EXPERIMENT[0], any(Run, "source_run_id")];

const UPLOADED: &[Parameter] = &[any(Run, "run_id"), any(LoggedModel, "model_id")];

const FILE: &[Parameter] = &[once(ArtifactPath, "artifact_path")];

const FOLDER: &[Parameter] = &[once(ArtifactPath, "path")];

const PART: &[Parameter] = &[FILE[0], parameter(ArtifactPath, "path", Presence::FileName)];

pub(super) const API: &[Family] = &[
    Family {
        area: Area::Experiments,
        base: "2.0/mlflow/experiments",
        rows: &[
            post("create", Write).of(CREATED),
            post("delete", Write).of(EXPERIMENT),
            post("delete-experiment-tag", Write).of(EXPERIMENT),
            get("get", Read).of(EXPERIMENT),
            get("get-by-name", Read).of(FOUND),
            get("list", Read).listing(&EXPERIMENTS_UNFILTERED),
            post("restore", Write).of(EXPERIMENT),
            get("search", Read).listing(&EXPERIMENTS),
            post("search", Read).listing(&EXPERIMENTS),
            get("search-datasets", Read).of(EXPERIMENTS_OF),
            post("search-datasets", Read).of(EXPERIMENTS_OF),
            post("set-experiment-tag", Write).of(EXPERIMENT),
            post("update", Write).of(RENAMED),
        ],
    },
    Family {
        area: Area::Experiments,
        base: "3.0/mlflow/demo",
        rows: &[
            post("delete", Manage), // It fills experiments, traces, prompts and more.
            post("generate", Manage),
        ],
    },
    Family {
        area: Area::Runs,
        base: "2.0/mlflow/metrics",
        rows: &[
            get("get-history", Read).of(EITHER_RUN),
            get("get-history-bulk", Read).of(&[any(Run, "run_id")]),
            get("get-history-bulk-interval", Read).of(&[any(Run, "run_ids")]),
        ],
    },
    Family {
        area: Area::Runs,
        base: "2.0/mlflow/runs",
        rows: &[
            post("create", Write).of(EXPERIMENT),
            post("create-promptlab-run", Write).of(EXPERIMENT),
            post("delete", Write).of(RUN),
            post("delete-tag", Write).of(RUN),
            get("get", Read).of(EITHER_RUN),
            post("log-batch", Write).of(BATCH),
            post("log-inputs", Write).of(LINKED),
            post("log-metric", Write).of(METRIC),
            post("log-model", Write).of(RUN),
            post("log-parameter", Write).of(EITHER_RUN),
            post("outputs", Write).of(LINKED),
            post("restore", Write).of(RUN),
            // MLflow 1.
            get("search", Read).of(EXPERIMENTS_OF),
            post("search", Read).of(EXPERIMENTS_OF),
            post("set-tag", Write).of(EITHER_RUN),
            post("update", Write).of(EITHER_RUN),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow-artifacts/artifacts",
        rows: &[
            get("", Read).of(FOLDER),
            delete("{artifact_path*}", Write).of(FILE),
            get("{artifact_path*}", Read).of(FILE),
            put("{artifact_path*}", Write).of(FILE),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow-artifacts/mpu",
        rows: &[
            post("abort/{artifact_path*}", Write).of(PART),
            post("complete/{artifact_path*}", Write).of(PART),
            post("create/{artifact_path*}", Write).of(PART),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow-artifacts/presigned",
        rows: &[get("{artifact_path*}", Read).of(FILE)],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow/artifacts",
        rows: &[
            get("list", Read).of(EITHER_RUN),
            post("presigned-download-url", Read).of(RUN),
            post("presigned-upload-url", Write).of(UPLOADED),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow/upload-artifact",
        rows: &[post("", Write).of(EITHER_RUN)],
    },
    Family {
        area: Area::LoggedModels,
        base: "2.0/mlflow/logged-models",
        rows: &[
            post("", Write).of(LOGGED),
            post("search", Read).of(EXPERIMENTS_OF),
            delete("{model_id}", Write).of(LOGGED_MODEL),
            get("{model_id}", Read).of(LOGGED_MODEL),
            patch("{model_id}", Write).of(LOGGED_MODEL),
            get("{model_id}/artifacts/directories", Read).of(LOGGED_MODEL),
            get("{model_id}/artifacts/files", Read).of(LOGGED_MODEL),
            post("{model_id}/params", Write).of(LOGGED_MODEL),
            patch("{model_id}/tags", Write).of(LOGGED_MODEL),
            delete("{model_id}/tags/{tag_key}", Write).of(LOGGED_MODEL),
        ],
    },
];

pub(super) const ROOT: &[Family] = &[Family {
    area: Area::Artifacts,
    base: "",
    rows: &[get("get-artifact", Read).of(EITHER_RUN)],
}];
