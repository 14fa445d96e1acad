//! Rights that are limited to workspaces, at a real MLflow that has them.

use serde_json::{Value, json};
use shell_tests::environment;

use crate::deployment::{ADMIN, PolicyDeployment, is_denied};

const POLICY: &str = r#"{"rules": [
    {"name": "administration", "groups": ["admins"], "allow": "everything"},
    {"name": "pages", "groups": ["lab"], "allow": {"server": ["read"]}},
    {"name": "lab", "groups": ["lab"], "workspaces": ["lab-*"],
     "allow": {"experiments": ["read", "write"], "runs": ["read", "write"],
               "artifacts": ["read", "write"], "registered-models": ["read"],
               "workspaces": ["read"]}}
]}"#;

const LAB: &str = "lab";

/// A request in a workspace.
async fn ask(
    deployment: &PolicyDeployment,
    group: &str,
    workspace: Option<&str>,
    asked: (&str, &str),
    body: Value,
) -> shell_tests::client::Answer {
    let header = workspace.map(|name| ("x-mlflow-workspace", name));
    let headers: Vec<_> = header.into_iter().collect();
    deployment.ask_with(group, asked, &headers, &body).await
}

async fn deployment() -> PolicyDeployment {
    let deployment = PolicyDeployment::with_workspaces(POLICY).await;
    for name in ["lab-one", "other"] {
        let path = ("POST", "/api/3.0/mlflow/workspaces");
        ask(&deployment, ADMIN, None, path, json!({ "name": name })).await;
    }
    deployment
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_works_in_the_workspaces_of_the_rules_and_in_no_other() {
    let deployment = deployment().await;
    let create = ("POST", "/api/2.0/mlflow/experiments/create");
    let name = json!({"name": "of-lab"});
    let done = ask(&deployment, LAB, Some("lab-one"), create, name.clone()).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let before = deployment.stored();
    for workspace in [Some("other"), Some("default"), Some(""), None] {
        let refused = ask(&deployment, LAB, workspace, create, name.clone()).await;
        assert!(is_denied(&refused), "{workspace:?}: {}", refused.text());
    }
    deployment.refuse_change(&before);

    let search = ("GET", "/api/2.0/mlflow/experiments/search?max_results=10");
    let seen = ask(&deployment, LAB, Some("lab-one"), search, Value::Null).await;
    assert!(seen.text().contains("of-lab"), "{}", seen.text());
    let refused = ask(&deployment, LAB, Some("other"), search, Value::Null).await;
    assert!(is_denied(&refused), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_workspaces_has_those_that_a_user_may_use() {
    let deployment = deployment().await;
    let list = ("GET", "/ajax-api/3.0/mlflow/workspaces");
    let names = async |group| {
        let told = ask(&deployment, group, None, list, Value::Null)
            .await
            .json();
        let all = told["workspaces"].as_array().cloned().unwrap_or_default();
        let names = all
            .iter()
            .map(|it| it["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    assert!(names(ADMIN).await.contains(&"other".to_owned()));
    assert_eq!(names(LAB).await, ["lab-one"]);
    for (name, denied) in [("lab-one", false), ("other", true)] {
        let path = format!("/ajax-api/3.0/mlflow/workspaces/{name}");
        let answer = ask(&deployment, LAB, None, ("GET", &path), Value::Null).await;
        assert_eq!(is_denied(&answer), denied, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_workspaces_has_none_that_a_rule_covers() {
    for deployment in PolicyDeployment::all_with(POLICY).await.iter() {
        let search = ("GET", "/api/2.0/mlflow/experiments/search?max_results=10");
        for workspace in [None, Some("lab-one")] {
            let refused = ask(deployment, LAB, workspace, search, Value::Null).await;
            assert!(
                is_denied(&refused),
                "{}: {}",
                deployment.version,
                refused.text()
            );
        }
    }
}

/// MLflow's own client, which names its workspace in a header.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_logs_a_run_in_a_workspace() {
    const SCRIPT: &str = "import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_workspace(sys.argv[2])
mlflow.set_experiment('of-client')
with mlflow.start_run() as run:
    mlflow.log_metric('m', 1)
    mlflow.log_text('text', 'a.txt')
print(mlflow.get_run(run.info.run_id).info.status)
";
    let deployment = deployment().await;
    let python = environment::client(&deployment.version);
    let run = async |workspace: &str| {
        let mut command = tokio::process::Command::new(&python);
        command
            .args(["-B", "-c", SCRIPT])
            .arg(format!("{}/mlflow", deployment.inner.origin))
            .arg(workspace)
            .env("MLFLOW_TRACKING_TOKEN", deployment.token(LAB))
            .env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
            .env("MLFLOW_DISABLE_TELEMETRY", "true");
        let output = command.output().await.expect("Python starts");
        let texts =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        texts.concat()
    };
    let told = run("lab-one").await;
    assert!(told.contains("FINISHED"), "{told}");
    let told = run("other").await;
    assert!(told.contains("is about something else"), "{told}");
}
