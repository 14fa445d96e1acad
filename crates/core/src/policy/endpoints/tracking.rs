//! Experiments, runs and their files.

use super::{
    Access::{Manage, Read, Write},
    Area,
    EntityKind::Experiment,
    Family, Name, delete, get, patch, post, put,
};

const CREATED: &[Name] = &[Name {
    kind: Experiment,
    key: "name",
}];

const FOUND: &[Name] = &[Name {
    kind: Experiment,
    key: "experiment_name",
}];

pub(super) const API: &[Family] = &[
    Family {
        area: Area::Experiments,
        base: "2.0/mlflow/experiments",
        rows: &[
            post("create", Write).naming(CREATED),
            post("delete", Write),
            post("delete-experiment-tag", Write),
            get("get", Read),
            get("get-by-name", Read).naming(FOUND),
            get("list", Read),
            post("restore", Write),
            get("search", Read),
            post("search", Read),
            get("search-datasets", Read),
            post("search-datasets", Read),
            post("set-experiment-tag", Write),
            post("update", Write),
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
            get("get-history", Read),
            get("get-history-bulk", Read),
            get("get-history-bulk-interval", Read),
        ],
    },
    Family {
        area: Area::Runs,
        base: "2.0/mlflow/runs",
        rows: &[
            post("create", Write),
            post("create-promptlab-run", Write),
            post("delete", Write),
            post("delete-tag", Write),
            get("get", Read),
            post("log-batch", Write),
            post("log-inputs", Write),
            post("log-metric", Write),
            post("log-model", Write),
            post("log-parameter", Write),
            post("outputs", Write),
            post("restore", Write),
            // MLflow 1.
            get("search", Read),
            post("search", Read),
            post("set-tag", Write),
            post("update", Write),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow-artifacts/artifacts",
        rows: &[
            get("", Read),
            delete("{artifact_path*}", Write),
            get("{artifact_path*}", Read),
            put("{artifact_path*}", Write),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow-artifacts/mpu",
        rows: &[
            post("abort/{artifact_path*}", Write),
            post("complete/{artifact_path*}", Write),
            post("create/{artifact_path*}", Write),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow-artifacts/presigned",
        rows: &[get("{artifact_path*}", Read)],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow/artifacts",
        rows: &[
            get("list", Read),
            post("presigned-download-url", Read),
            post("presigned-upload-url", Write),
        ],
    },
    Family {
        area: Area::Artifacts,
        base: "2.0/mlflow/upload-artifact",
        rows: &[post("", Write)],
    },
    Family {
        area: Area::LoggedModels,
        base: "2.0/mlflow/logged-models",
        rows: &[
            post("", Write),
            post("search", Read),
            delete("{model_id}", Write),
            get("{model_id}", Read),
            patch("{model_id}", Write),
            get("{model_id}/artifacts/directories", Read),
            get("{model_id}/artifacts/files", Read),
            post("{model_id}/params", Write),
            patch("{model_id}/tags", Write),
            delete("{model_id}/tags/{tag_key}", Write),
        ],
    },
];

pub(super) const ROOT: &[Family] = &[Family {
    area: Area::Artifacts,
    base: "",
    rows: &[get("get-artifact", Read)],
}];
