//! Whose a run is, at real MLflow servers, where the gateway writes it.

use serde_json::{Value, json};

use crate::deployment::{ADMIN, PolicyDeployment};

const POLICY: &str = r#"{"rules": [
    {"name": "administration", "groups": ["admins"], "allow": "everything"},
    {"name": "work", "groups": ["people"],
     "allow": {"experiments": ["read", "write"], "runs": ["read", "write"]}}
]}"#;

const PEOPLE: &str = "people";

/// The name in the claims of tests.
const USER: &str = "reader@example.com";

async fn run(deployment: &PolicyDeployment, group: &str, experiment: &str) -> String {
    let claimed = json!({
        "experiment_id": experiment,
        "start_time": 1,
        "user_id": "root",
        "tags": [{ "key": "mlflow.user", "value": "root" }, { "key": "a", "value": "b" }],
    });
    let create = "/api/2.0/mlflow/runs/create";
    let made = deployment.done(group, "POST", create, claimed).await;
    text(&made["run"]["info"]["run_id"])
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The user that the run's tag names.
async fn owner(deployment: &PolicyDeployment, run: &str) -> Value {
    let get = format!("/api/2.0/mlflow/runs/get?run_id={run}");
    let found = deployment.done(ADMIN, "GET", &get, Value::Null).await;
    let tags = found["run"]["data"]["tags"].as_array().cloned();
    let mut tags = tags.unwrap_or_default().into_iter();
    let tag = tags.find(|tag| tag["key"] == "mlflow.user");
    tag.map_or(Value::Null, |tag| tag["value"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_its_verified_users_and_mlflow_finds_it_so() {
    for deployment in PolicyDeployment::all_with_owners(POLICY).await.iter() {
        let create = "/api/2.0/mlflow/experiments/create";
        let name = json!({ "name": "owners" });
        let experiment = deployment.done(PEOPLE, "POST", create, name).await;
        let experiment = text(&experiment["experiment_id"]);

        let run = run(deployment, PEOPLE, &experiment).await;
        assert_eq!(
            owner(deployment, &run).await,
            USER,
            "{}",
            deployment.version
        );

        let search = "/api/2.0/mlflow/runs/search";
        let filters = [
            format!("tags.`mlflow.user` = '{USER}'"),
            "tags.a = 'b'".to_owned(),
        ];
        for filter in filters {
            let asked = json!({ "experiment_ids": [experiment], "filter": filter });
            let found = deployment.done(PEOPLE, "POST", search, asked).await;
            assert_eq!(found["runs"][0]["info"]["run_id"], run, "{filter}: {found}");
            assert_eq!(found["runs"][0]["info"]["user_id"], USER, "{found}");
        }

        let set = json!({ "run_id": run, "key": "mlflow.user", "value": "root" });
        let tags = json!([{ "key": "mlflow.user", "value": "root" }]);
        let delete = json!({ "run_id": run, "key": "mlflow.user", "value": USER });
        let forged = [
            ("/api/2.0/mlflow/runs/set-tag", set.clone()),
            (
                "/api/2.0/mlflow/runs/log-batch",
                json!({ "run_id": run, "tags": tags }),
            ),
            ("/api/2.0/mlflow/runs/delete-tag", delete),
        ];
        for (path, body) in forged {
            let refused = deployment.ask(PEOPLE, "POST", path, &body).await;
            assert_eq!(refused.status, 403, "{path}: {}", refused.text());
            assert!(refused.text().contains("run_owner"), "{}", refused.text());
            // MLflow takes a text with the object in it for the object.
            let text = Value::from(body.to_string());
            let refused = deployment.ask(PEOPLE, "POST", path, &text).await;
            assert_eq!(refused.status, 400, "{path}: {}", refused.text());
        }
        assert_eq!(
            owner(deployment, &run).await,
            USER,
            "{}",
            deployment.version
        );
        let other = json!({ "run_id": run, "key": "note", "value": "x" });
        deployment
            .done(PEOPLE, "POST", "/api/2.0/mlflow/runs/set-tag", other)
            .await;
        deployment
            .done(ADMIN, "POST", "/api/2.0/mlflow/runs/set-tag", set)
            .await;
        assert_eq!(
            owner(deployment, &run).await,
            "root",
            "{}",
            deployment.version
        );
    }
}
