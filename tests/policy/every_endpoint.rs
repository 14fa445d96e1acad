//! Every endpoint of each version, tried by each role.

use serde_json::{Value, json};
use shell_core::policy::{Access, Operation, Request};
use shell_tests::{client::Answer, endpoints, endpoints::Endpoint};

use crate::deployment::{ADMIN, APPROVER, PolicyDeployment, READER, is_denied};

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_everything_and_change_nothing() {
    for deployment in PolicyDeployment::all().await.iter() {
        let subject = Subject::create(deployment, "of-readers").await;
        let before = deployment.stored();
        let (mut seen, mut refused) = (0, 0);
        for endpoint in local(&deployment.version) {
            for path in endpoint.samples() {
                let reached = deployment.reached();
                let answer = subject.try_out(deployment, READER, endpoint, &path).await;
                let named = format!("{}: {} {path}", deployment.version, endpoint.method);
                if is_read(endpoint, &path) {
                    assert!(!is_denied(&answer), "{named}: {}", answer.text());
                    seen += 1;
                } else {
                    assert!(is_denied(&answer), "{named}: {}", answer.text());
                    assert_eq!(deployment.reached(), reached, "{named} reached MLflow");
                    refused += 1;
                }
            }
        }
        deployment.refuse_change(&before);
        report(deployment, READER, seen, refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_change_nothing_but_the_registry() {
    for deployment in PolicyDeployment::all().await.iter() {
        let subject = Subject::create(deployment, "of-approvers").await;
        let (mut done, mut refused) = (0, 0);
        for endpoint in local(&deployment.version) {
            for path in endpoint.samples() {
                if is_read(endpoint, &path) {
                    continue;
                }
                let answer = subject.try_out(deployment, APPROVER, endpoint, &path).await;
                let named = format!("{}: {} {path}", deployment.version, endpoint.method);
                assert_eq!(
                    is_denied(&answer),
                    !is_approval(endpoint),
                    "{named}: {}",
                    answer.text()
                );
                if is_approval(endpoint) {
                    done += 1;
                } else {
                    refused += 1;
                }
            }
        }
        report(deployment, APPROVER, done, refused);
    }
}

/// The same requests do change something for those who may.
#[tokio::test(flavor = "multi_thread")]
async fn administrators_may_do_everything() {
    for deployment in PolicyDeployment::all().await.iter() {
        let subject = Subject::create(deployment, "of-admins").await;
        let mut changed = 0;
        for endpoint in local(&deployment.version) {
            for path in endpoint.samples() {
                if starts_something(&path) {
                    continue;
                }
                let answer = subject.try_out(deployment, ADMIN, endpoint, &path).await;
                let named = format!("{}: {} {path}", deployment.version, endpoint.method);
                assert!(!is_denied(&answer), "{named}: {}", answer.text());
                changed += usize::from(!is_read(endpoint, &path) && answer.status == 200);
            }
        }
        assert!(changed >= 25, "{}: {changed} changes", deployment.version);
        report(deployment, ADMIN, changed, 0);
    }
}

#[expect(clippy::print_stderr, reason = "the figures are a result")]
fn report(deployment: &PolicyDeployment, group: &str, done: usize, refused: usize) {
    eprintln!(
        "MLflow {}: {group}: {done} requests done, {refused} refused",
        deployment.version
    );
}

/// The endpoints of a version, but for the one that fetches its answer from
/// elsewhere.
fn local(version: &str) -> impl Iterator<Item = Endpoint> {
    let all = endpoints::of_version(version).into_iter();
    all.filter(|endpoint| !endpoint.path.ends_with("/gateway/supported-models"))
}

/// Whether it would start work on this machine, or call another: the assistant
/// writes into its user's home.
fn starts_something(path: &str) -> bool {
    let parts = [
        "/assistant/",
        "/gateway",
        "/jobs",
        "/invoke",
        "/webhooks",
        "/demo/",
        "/v1/traces",
    ];
    parts.iter().any(|part| path.contains(part))
}

/// Written by hand and apart from the policy: what an approval takes.
fn is_approval(endpoint: Endpoint) -> bool {
    let names = [
        "POST registered-models/create",
        "PATCH registered-models/update",
        "POST registered-models/set-tag",
        "DELETE registered-models/delete-tag",
        "POST registered-models/alias",
        "DELETE registered-models/alias",
        "POST model-versions/create",
        "PATCH model-versions/update",
        "POST model-versions/transition-stage",
        "POST model-versions/set-tag",
        "DELETE model-versions/delete-tag",
    ];
    let end = endpoint.path.rsplit("/mlflow/").next().unwrap_or_default();
    names.contains(&format!("{} {end}", endpoint.method).as_str())
}

fn is_read(endpoint: Endpoint, path: &str) -> bool {
    if endpoint.graphql_field().is_some() {
        return true;
    }
    let request = Request::read(endpoint.method, path).expect("one reading");
    let operation = request.operation();
    assert_ne!(operation, &Operation::Unknown, "{} {path}", endpoint.method);
    operation.access() == Access::Read
}

/// Something of everything, so that requests have something to change.
struct Subject {
    body: Value,
    query: String,
}

impl Subject {
    async fn create(deployment: &PolicyDeployment, name: &str) -> Self {
        let done = async |path: &str, body| {
            let path = format!("/api/2.0/mlflow/{path}");
            deployment.done(ADMIN, "POST", &path, body).await
        };
        let experiment = done("experiments/create", json!({ "name": name })).await;
        let experiment = experiment["experiment_id"]
            .as_str()
            .expect("a text")
            .to_owned();
        let run = done("runs/create", json!({ "experiment_id": experiment })).await;
        let run = run["run"]["info"]["run_id"]
            .as_str()
            .expect("a text")
            .to_owned();
        done("registered-models/create", json!({ "name": name })).await;
        let source = format!("mlflow-artifacts:/{experiment}/{run}/artifacts/model");
        let version = json!({ "name": name, "source": source, "run_id": run });
        done("model-versions/create", version).await;

        // MLflow 3.18.0 stores a schema of its own when an experiment's are first
        // asked for by anyone.
        let schemas = format!("/api/3.0/mlflow/label-schemas/list?experiment_id={experiment}");
        deployment.ask(ADMIN, "GET", &schemas, &json!({})).await;

        let query = format!(
            "experiment_id={experiment}&run_id={run}&run_uuid={run}&name={name}&version=1\
             &alias=a&path=a.txt&metric_key=m&experiment_name={name}&max_results=5"
        );
        // Fields that an endpoint does not have are ignored.
        let body = json!({
            "experiment_id": experiment, "experiment_ids": [experiment], "run_id": run,
            "run_uuid": run, "name": name, "new_name": format!("{name}-2"), "version": "1",
            "alias": "a", "key": "k", "value": "v", "timestamp": 1, "stage": "Production",
            "archive_existing_versions": false, "description": "d", "max_results": 5,
            "source": source, "tags": [], "path": "a.txt", "start_time": 1,
        });
        Self { body, query }
    }

    async fn try_out(
        &self,
        deployment: &PolicyDeployment,
        group: &str,
        endpoint: Endpoint,
        path: &str,
    ) -> Answer {
        if let Some(field) = endpoint.graphql_field() {
            let kind = endpoint.method.to_ascii_lowercase();
            let body = json!({ "query": format!("{kind} {{ {field} {{ __typename }} }}") });
            return deployment.ask(group, "POST", path, &body).await;
        }
        if path == "/graphql" {
            let body = json!({ "query": "{ __schema { queryType { name } } }" });
            return deployment.ask(group, endpoint.method, path, &body).await;
        }
        let path = match endpoint.method {
            "GET" => format!("{path}?{}", self.query),
            _ => path.to_owned(),
        };
        deployment
            .ask(group, endpoint.method, &path, &self.body)
            .await
    }
}
