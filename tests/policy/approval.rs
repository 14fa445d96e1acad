//! A whole approval of a model, by a user who may approve models and nothing else.

use serde_json::json;

use crate::deployment::{ADMIN, APPROVER, PolicyDeployment, READER, is_denied};

const API: &str = "/ajax-api/2.0/mlflow";

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_registers_and_approves_a_model() {
    for deployment in PolicyDeployment::all().await.iter() {
        let name = "approved-model";
        let run = run(deployment).await;
        let done = async |method: &str, path: &str, body| {
            let path = format!("{API}/{path}");
            deployment.done(APPROVER, method, &path, body).await
        };
        done("POST", "registered-models/create", json!({ "name": name })).await;
        let version = json!({ "name": name, "source": run.source, "run_id": run.id });
        let created = done("POST", "model-versions/create", version).await;
        assert_eq!(created["model_version"]["version"], "1");
        let steps = [
            (
                "PATCH",
                "registered-models/update",
                json!({ "description": "good" }),
            ),
            (
                "PATCH",
                "model-versions/update",
                json!({ "version": "1", "description": "v1" }),
            ),
            (
                "POST",
                "registered-models/set-tag",
                json!({ "key": "a", "value": "b" }),
            ),
            (
                "DELETE",
                "registered-models/delete-tag",
                json!({ "key": "a" }),
            ),
            (
                "POST",
                "model-versions/set-tag",
                json!({ "version": "1", "key": "a", "value": "b" }),
            ),
            (
                "DELETE",
                "model-versions/delete-tag",
                json!({ "version": "1", "key": "a" }),
            ),
            (
                "POST",
                "registered-models/alias",
                json!({ "version": "1", "alias": "champion" }),
            ),
            (
                "DELETE",
                "registered-models/alias",
                json!({ "alias": "champion" }),
            ),
            (
                "POST",
                "registered-models/alias",
                json!({ "version": "1", "alias": "champion" }),
            ),
            (
                "POST",
                "model-versions/transition-stage",
                json!({ "version": "1", "stage": "Production", "archive_existing_versions": false }),
            ),
        ];
        for (method, path, mut body) in steps {
            body["name"] = name.into();
            done(method, path, body).await;
        }
        let path = format!("{API}/model-versions/get?name={name}&version=1");
        let approved = deployment.done(READER, "GET", &path, json!({})).await;
        let approved = &approved["model_version"];
        assert_eq!(approved["current_stage"], "Production");
        assert_eq!(approved["description"], "v1");
        assert_eq!(
            approved["aliases"],
            json!(["champion"]),
            "{}",
            deployment.version
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_cannot_rename_or_delete_a_model_or_change_its_files() {
    for deployment in PolicyDeployment::all().await.iter() {
        let name = "kept-model";
        let run = run(deployment).await;
        let create = format!("{API}/registered-models/create");
        deployment
            .done(ADMIN, "POST", &create, json!({ "name": name }))
            .await;
        let create = format!("{API}/model-versions/create");
        let version = json!({ "name": name, "source": run.source, "run_id": run.id });
        deployment.done(ADMIN, "POST", &create, version).await;

        let before = deployment.stored();
        let body = json!({ "name": name, "new_name": "other", "version": "1", "run_id": run.id,
                           "key": "a", "value": "b" });
        let file = format!(
            "/api/2.0/mlflow-artifacts/artifacts/0/{}/artifacts/model/MLmodel",
            run.id
        );
        let upload = format!(
            "/ajax-api/2.0/mlflow/upload-artifact?run_uuid={}&path=model/MLmodel",
            run.id
        );
        let table = [
            ("POST", format!("{API}/registered-models/rename")),
            ("DELETE", format!("{API}/registered-models/delete")),
            ("DELETE", format!("{API}/model-versions/delete")),
            ("POST", format!("{API}/runs/set-tag")),
            ("POST", format!("{API}/runs/delete")),
            ("PUT", file.clone()),
            ("DELETE", file),
            ("POST", upload),
        ];
        for (method, path) in table {
            let answer = deployment.ask(APPROVER, method, &path, &body).await;
            assert!(
                is_denied(&answer),
                "{}: {method} {path}",
                deployment.version
            );
        }
        deployment.refuse_change(&before);
    }
}

struct Run {
    id: String,
    source: String,
}

/// A run of an administrator's, with a place for artifacts.
async fn run(deployment: &PolicyDeployment) -> Run {
    let path = format!("{API}/runs/create");
    let created = deployment
        .done(
            ADMIN,
            "POST",
            &path,
            json!({ "experiment_id": "0", "start_time": 1 }),
        )
        .await;
    let info = &created["run"]["info"];
    let text = |key: &str| info[key].as_str().expect("a text").to_owned();
    Run {
        id: text("run_id"),
        source: text("artifact_uri") + "/model",
    }
}
