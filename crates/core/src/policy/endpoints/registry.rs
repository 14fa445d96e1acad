//! What is registered under a name.

use super::{
    super::{
        listing::{MODELS, MODELS_UNFILTERED, VERSIONS},
        references::{
            EntityKind::{LoggedModel, ModelSource, RegisteredModel, Run},
            Parameter, any, once,
        },
    },
    Access::{Manage, Read, Write},
    Area, Family, delete, get, patch, post,
};

const MODEL: &[Parameter] = &[once(RegisteredModel, "name")];

const RENAMED: &[Parameter] = &[MODEL[0], once(RegisteredModel, "new_name")];

/// The files of a version are those of its source, which anyone may read who may
/// read the version.
const VERSION: &[Parameter] = &[
    MODEL[0],
    once(ModelSource, "source"),
    any(Run, "run_id"),
    any(LoggedModel, "model_id"),
];

pub(super) const API: &[Family] = &[
    Family {
        area: Area::RegisteredModels,
        base: "2.0/mlflow/model-versions",
        rows: &[
            post("create", Write).of(VERSION),
            delete("delete", Manage).of(MODEL),
            delete("delete-tag", Write).of(MODEL),
            get("get", Read).of(MODEL),
            get("get-download-uri", Read).of(MODEL),
            get("search", Read).listing(&VERSIONS),
            post("set-tag", Write).of(MODEL),
            post("transition-stage", Write).of(MODEL),
            patch("update", Write).of(MODEL),
        ],
    },
    Family {
        area: Area::RegisteredModels,
        base: "2.0/mlflow/registered-models",
        rows: &[
            delete("alias", Write).of(MODEL),
            get("alias", Read).of(MODEL),
            post("alias", Write).of(MODEL),
            post("create", Write).of(MODEL),
            delete("delete", Manage).of(MODEL),
            delete("delete-tag", Write).of(MODEL),
            get("get", Read).of(MODEL),
            get("get-latest-versions", Read).of(MODEL),
            post("get-latest-versions", Read).of(MODEL),
            get("list", Read).listing(&MODELS_UNFILTERED),
            post("rename", Manage).of(RENAMED),
            get("search", Read).listing(&MODELS),
            post("set-tag", Write).of(MODEL),
            patch("update", Write).of(MODEL),
        ],
    },
    Family {
        area: Area::McpServers,
        base: "3.0/mlflow/mcp-servers",
        rows: &[
            get("", Read),
            post("", Write),
            get("endpoints", Read),
            delete("{name*}", Write),
            get("{name*}", Read),
            patch("{name*}", Write),
            post("{name*}/aliases", Write),
            delete("{name*}/aliases/{alias*}", Write),
            get("{name*}/aliases/{alias*}", Read),
            get("{name*}/endpoints", Read),
            post("{name*}/endpoints", Write),
            delete("{name*}/endpoints/{endpoint_id}", Write),
            get("{name*}/endpoints/{endpoint_id}", Read),
            patch("{name*}/endpoints/{endpoint_id}", Write),
            post("{name*}/tags", Write),
            delete("{name*}/tags/{key*}", Write),
            get("{name*}/versions", Read),
            post("{name*}/versions", Write),
            delete("{name*}/versions/{version*}", Write),
            get("{name*}/versions/{version*}", Read),
            patch("{name*}/versions/{version*}", Write),
            post("{name*}/versions/{version*}/tags", Write),
            delete("{name*}/versions/{version*}/tags/{key*}", Write),
        ],
    },
    Family {
        area: Area::Skills,
        base: "3.0/mlflow/skills",
        rows: &[
            get("", Read),
            post("", Write),
            delete("{organization}/{name}", Write),
            get("{organization}/{name}", Read),
            patch("{organization}/{name}", Write),
            post("{organization}/{name}/aliases", Write),
            delete("{organization}/{name}/aliases/{alias}", Write),
            get("{organization}/{name}/aliases/{alias}", Read),
            post("{organization}/{name}/tags", Write),
            delete("{organization}/{name}/tags/{key*}", Write),
            get("{organization}/{name}/versions", Read),
            post("{organization}/{name}/versions", Write),
            delete("{organization}/{name}/versions/{version}", Write),
            get("{organization}/{name}/versions/{version}", Read),
            patch("{organization}/{name}/versions/{version}", Write),
            post("{organization}/{name}/versions/{version}/tags", Write),
            delete(
                "{organization}/{name}/versions/{version}/tags/{key*}",
                Write,
            ),
            post("bulk-register", Write),
            delete("{name}", Write),
            get("{name}", Read),
            patch("{name}", Write),
            post("{name}/aliases", Write),
            delete("{name}/aliases/{alias}", Write),
            get("{name}/aliases/{alias}", Read),
            post("{name}/tags", Write),
            delete("{name}/tags/{key*}", Write),
            get("{name}/versions", Read),
            post("{name}/versions", Write),
            delete("{name}/versions/{version}", Write),
            get("{name}/versions/{version}", Read),
            patch("{name}/versions/{version}", Write),
            post("{name}/versions/{version}/tags", Write),
            delete("{name}/versions/{version}/tags/{key*}", Write),
        ],
    },
];

pub(super) const ROOT: &[Family] = &[Family {
    area: Area::RegisteredModels,
    base: "",
    rows: &[get("model-versions/get-artifact", Read).of(MODEL)],
}];
