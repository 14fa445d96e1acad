//! What only administrators do.

use super::{
    super::{
        listing::WORKSPACES,
        references::{EntityKind::Workspace, once},
    },
    Access::{Manage, Read},
    Area, Family, Row, delete, get, patch, post,
};

/// Those of MLflow's own basic-auth application, on whatever they are given.
const PERMISSIONS: &[Row] = &[
    post("permissions/create", Manage),
    delete("permissions/delete", Manage),
    get("permissions/get", Manage),
    patch("permissions/update", Manage),
];

pub(super) const API: &[Family] = &[
    Family {
        area: Area::Webhooks,
        base: "2.0/mlflow/webhooks",
        rows: &[
            get("", Manage),
            post("", Manage),
            delete("{webhook_id}", Manage),
            get("{webhook_id}", Manage),
            patch("{webhook_id}", Manage),
            post("{webhook_id}/test", Manage),
        ],
    },
    Family {
        area: Area::Workspaces,
        base: "3.0/mlflow/workspaces",
        rows: &[
            get("", Read).listing(&WORKSPACES),
            post("", Manage),
            delete("{workspace_name}", Manage),
            get("{workspace_name}", Read).of(&[once(Workspace, "workspace_name")]),
            patch("{workspace_name}", Manage),
        ],
    },
    Family {
        area: Area::Users,
        base: "2.0/mlflow/experiments",
        rows: PERMISSIONS,
    },
    Family {
        area: Area::Users,
        base: "2.0/mlflow/registered-models",
        rows: PERMISSIONS,
    },
    Family {
        area: Area::Users,
        base: "2.0/mlflow/users",
        rows: &[
            post("", Manage),
            post("create", Manage),
            post("create-ui", Manage),
            get("current", Read),
            delete("delete", Manage),
            get("get", Manage),
            // The AI gateway's usage page asks for it. Where it is there, MLflow's
            // own application decides, too.
            get("list", Read),
            patch("update-admin", Manage),
            patch("update-password", Manage),
        ],
    },
    Family {
        area: Area::Users,
        base: "3.0/mlflow/roles",
        rows: &[
            post("assign", Manage),
            post("create", Manage),
            delete("delete", Manage),
            get("get", Manage),
            get("list", Manage),
            post("permissions/add", Manage),
            get("permissions/list", Manage),
            delete("permissions/remove", Manage),
            patch("permissions/update", Manage),
            delete("unassign", Manage),
            patch("update", Manage),
            get("users/list", Manage),
        ],
    },
    Family {
        area: Area::Users,
        base: "3.0/mlflow/users",
        rows: &[
            get("current/permissions", Read),
            get("permissions/get", Manage),
            post("permissions/grant", Manage),
            get("permissions/list", Manage),
            post("permissions/revoke", Manage),
            get("roles/list", Manage),
        ],
    },
];

pub(super) const ROOT: &[Family] = &[Family {
    area: Area::Users,
    base: "",
    rows: &[get("signup", Manage)],
}];
