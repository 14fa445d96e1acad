//! Something of everything in one experiment, and requests about it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::deployment::{ADMIN, PolicyDeployment};

/// An experiment and a registered model of one name, with all that belongs to them.
pub(crate) struct Subject {
    pub(crate) name: String,
    ids: BTreeMap<&'static str, String>,
}

/// What is created, in this order: what its id is called, by which request, and
/// where its id stands in the answer. Of two with one name the first that the version
/// of MLflow knows counts.
const PARTS: &[(&str, &str, &str, &str)] = &[
    (
        "experiment_id",
        "2.0/mlflow/experiments/create",
        r#"{"name": "{name}"}"#,
        "/experiment_id",
    ),
    (
        "run_id",
        "2.0/mlflow/runs/create",
        r#"{"experiment_id": "{experiment_id}", "start_time": 1}"#,
        "/run/info/run_id",
    ),
    (
        "registered",
        "2.0/mlflow/registered-models/create",
        r#"{"name": "{name}"}"#,
        "/registered_model/name",
    ),
    (
        "version",
        "2.0/mlflow/model-versions/create",
        r#"{"name": "{name}", "source": "{source}", "run_id": "{run_id}"}"#,
        "/model_version/version",
    ),
    (
        "model_id",
        "2.0/mlflow/logged-models",
        r#"{"experiment_id": "{experiment_id}", "name": "m", "source_run_id": "{run_id}"}"#,
        "/model/info/model_id",
    ),
    (
        "trace_id",
        "3.0/mlflow/traces",
        r#"{"trace": {"trace_info": {"trace_id": "tr-{run_id}", "state": "OK",
            "request_time": "2026-01-01T00:00:00Z", "trace_location":
            {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{experiment_id}"}}}}}"#,
        "/trace/trace_info/trace_id",
    ),
    (
        "trace_id",
        "2.0/mlflow/traces",
        r#"{"experiment_id": "{experiment_id}", "timestamp_ms": 1}"#,
        "/trace_info/request_id",
    ),
    (
        "dataset_id",
        "3.0/mlflow/datasets/create",
        r#"{"name": "{name}", "experiment_ids": ["{experiment_id}"]}"#,
        "/dataset/dataset_id",
    ),
    (
        "schema_id",
        "3.0/mlflow/label-schemas/create",
        r#"{"experiment_id": "{experiment_id}", "name": "quality", "type": "FEEDBACK",
            "input": {"text": {}}}"#,
        "/label_schema/schema_id",
    ),
    (
        "queue_id",
        "3.0/mlflow/review-queues/create",
        r#"{"experiment_id": "{experiment_id}", "name": "{name}", "queue_type": "CUSTOM"}"#,
        "/review_queue/queue_id",
    ),
    (
        "issue_id",
        "3.0/mlflow/issues",
        r#"{"experiment_id": "{experiment_id}", "name": "n", "description": "d",
            "status": "pending", "severity": "low"}"#,
        "/issue/issue_id",
    ),
];

impl Subject {
    pub(crate) async fn create(deployment: &PolicyDeployment, name: &str) -> Self {
        let mut subject = Self {
            name: name.to_owned(),
            ids: BTreeMap::new(),
        };
        for (id, path, body, pointer) in PARTS {
            if subject.ids.contains_key(id) {
                continue;
            }
            let body: Value = serde_json::from_str(&subject.fill(body)).expect("JSON");
            let path = format!("/api/{path}");
            let answer = deployment.ask(ADMIN, "POST", &path, &body).await;
            if let Some(value) = answer.json().pointer(pointer).and_then(Value::as_str) {
                subject.ids.insert(id, value.to_owned());
            }
        }
        subject.check(&deployment.version);
        subject
    }

    /// Refuses a subject without what the version of MLflow has.
    fn check(&self, version: &str) {
        let always = ["experiment_id", "run_id", "registered", "version"];
        let traces = ["trace_id"];
        let newest = [
            "model_id",
            "dataset_id",
            "schema_id",
            "queue_id",
            "issue_id",
        ];
        let expected: Vec<&str> = match version {
            "3.18.0" => [always.as_slice(), &traces, &newest].concat(),
            "2.22.5" => [always.as_slice(), &traces].concat(),
            _ => always.to_vec(),
        };
        for id in expected {
            assert!(self.ids.contains_key(id), "MLflow {version} has no {id}");
        }
    }

    pub(crate) fn id(&self, name: &str) -> &str {
        self.ids.get(name).map_or("none", String::as_str)
    }

    /// A text with names in braces, with what they stand for.
    pub(crate) fn fill(&self, text: &str) -> String {
        let (experiment, run) = (self.id("experiment_id"), self.id("run_id"));
        let trace = self.id("trace_id");
        let file = format!("{experiment}/{run}/artifacts/a.txt");
        let source = format!("mlflow-artifacts:/{experiment}/{run}/artifacts/model");
        let mut pairs = vec![
            ("name", self.name.as_str()),
            ("request_id", trace),
            ("assessment.trace_id", trace),
            ("artifact_path*", &file),
            ("source", &source),
        ];
        pairs.extend(self.ids.iter().map(|(id, value)| (*id, value.as_str())));
        let filled = pairs.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        });
        if !filled.starts_with('/') {
            return filled;
        }
        // What is left has no meaning of its own.
        let left = |part: &str| part.starts_with('{');
        let parts = filled.split('/');
        let parts = parts.map(|part| if left(part) { "sample" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// A query with all parameters that a read of `endpoint` may have.
    pub(crate) fn query(&self, endpoint: &str) -> String {
        let path = if endpoint.ends_with("mlflow-artifacts/artifacts") {
            "{experiment_id}/{run_id}/artifacts"
        } else {
            "a.txt"
        };
        self.fill(&format!(
            "experiment_id={{experiment_id}}&experiment_ids={{experiment_id}}&run_id={{run_id}}\
             &run_uuid={{run_id}}&run_ids={{run_id}}&trace_id={{trace_id}}&trace_ids={{trace_id}}\
             &request_id={{trace_id}}&name={{name}}&version=1&alias=a&path={path}&metric_key=m\
             &experiment_name={{name}}&max_results=5&schema_id={{schema_id}}\
             &queue_id={{queue_id}}"
        ))
    }

    /// A body with all fields that `endpoint` may take; MLflow ignores others.
    pub(crate) fn body(&self, endpoint: &str) -> Value {
        let [experiment, run, trace, model] =
            ["experiment_id", "run_id", "trace_id", "model_id"].map(|name| self.id(name));
        let is_new = endpoint.ends_with("s/create") && !endpoint.contains("versions");
        let name = if is_new {
            format!("{}-new", self.name)
        } else {
            self.name.clone()
        };
        let location = json!({"mlflow_experiment": {"experiment_id": experiment}});
        let metric = json!({"key": "k", "value": 1, "timestamp": 1, "step": 0});
        let mut body = json!({
            "experiment_id": experiment, "experiment_ids": [experiment], "run_id": run,
            "run_uuid": run, "trace_id": trace, "request_id": trace, "name": name, "new_name": format!("{}-2", self.name), "version": "1",
            "alias": "a", "key": "k", "value": "v", "timestamp": 1, "stage": "Production",
            "description": "d", "max_results": 5, "source": self.fill("{source}"), "tags": [],
            "path": "a.txt", "start_time": 1, "trace_ids": [trace], "request_ids": [trace],
            "models": [], "metrics": [metric], "locations": [location], "num_parts": 1,
            "schema_id": self.id("schema_id"), "queue_id": self.id("queue_id"),
            "item_ids": [trace], "timestamp_ms": 1, "trace": {"trace_info": {
                "trace_id": trace, "state": "OK", "request_time": "2026-01-01T00:00:00Z",
                "trace_location": location}},
        });
        if model != "none" {
            body["models"] = json!([{"model_id": model, "step": 0}]);
            body["metrics"][0]["model_id"] = model.into();
            body["model_id"] = model.into();
        }
        if endpoint.ends_with("log-metric") {
            body["value"] = json!(1);
        }
        body
    }
}
