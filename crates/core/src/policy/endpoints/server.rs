//! What is not below the API, and what belongs to no area.

use super::{
    Access::{Manage, Read},
    Area, Family, get, post,
};

pub(super) const API: &[Family] = &[
    Family {
        area: Area::Server,
        base: "2.0mlflow",
        rows: &[post("experiments/search-datasets", Read)],
    },
    Family {
        area: Area::Server,
        base: "3.0/mlflow/server-info",
        rows: &[get("", Read)],
    },
    Family {
        area: Area::Server,
        base: "3.0/mlflow/ui-telemetry",
        rows: &[get("", Read), post("", Read)],
    },
];

pub(super) const ROOT: &[Family] = &[Family {
    area: Area::Server,
    base: "",
    rows: &[
        get("", Read),
        get("build/{filename*}", Read),
        get("health", Read),
        // The figures of `--expose-prometheus`, for the administrator of the server.
        get("metrics", Manage),
        get("static-files/{path*}", Read),
        get("version", Read),
    ],
}];
