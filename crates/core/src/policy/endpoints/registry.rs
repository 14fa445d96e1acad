//! What is registered under a name.

use super::{
    Access::{Manage, Read, Write},
    Area,
    EntityKind::RegisteredModel,
    Family, Name, delete, get, patch, post,
};

const MODEL: &[Name] = &[Name {
    kind: RegisteredModel,
    key: "name",
}];

const RENAMED: &[Name] = &[
    MODEL[0],
    Name {
        kind: RegisteredModel,
        key: "new_name",
    },
];

pub(super) const API: &[Family] = &[
    Family {
        area: Area::RegisteredModels,
        base: "2.0/mlflow/model-versions",
        rows: &[
            // It names its source as well, which may be a version of another model
            // (`models:/other/1`): a name alone does not bound it.
            post("create", Write),
            delete("delete", Manage).naming(MODEL),
            delete("delete-tag", Write).naming(MODEL),
            get("get", Read).naming(MODEL),
            get("get-download-uri", Read).naming(MODEL),
            get("search", Read),
            post("set-tag", Write).naming(MODEL),
            post("transition-stage", Write).naming(MODEL),
            patch("update", Write).naming(MODEL),
        ],
    },
    Family {
        area: Area::RegisteredModels,
        base: "2.0/mlflow/registered-models",
        rows: &[
            delete("alias", Write).naming(MODEL),
            get("alias", Read).naming(MODEL),
            post("alias", Write).naming(MODEL),
            // It names its source as well, which may be a version of another model
            // (`models:/other/1`): a name alone does not bound it.
            post("create", Write),
            delete("delete", Manage).naming(MODEL),
            delete("delete-tag", Write).naming(MODEL),
            get("get", Read).naming(MODEL),
            get("get-latest-versions", Read).naming(MODEL),
            post("get-latest-versions", Read).naming(MODEL),
            get("list", Read),
            post("rename", Manage).naming(RENAMED),
            get("search", Read),
            post("set-tag", Write).naming(MODEL),
            patch("update", Write).naming(MODEL),
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
    rows: &[get("model-versions/get-artifact", Read).naming(MODEL)],
}];
