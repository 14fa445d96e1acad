//! Which of a request's parameters name what it is about.
//!
//! They are written down of each change; values, descriptions and filters are
//! not. `tests/endpoints/names.tsv` has the parameters of MLflow's endpoints, per
//! version, and a test that each is either here or reviewed to be no name.

use super::endpoints::Endpoint;

/// The parameters, by the names that MLflow's own messages have for them.
pub const NAMES: [&str; 66] = [
    "action_endpoint_id",
    "alias",
    "artifact_file_path",
    "budget_policy_id",
    "dataset_digest",
    "dataset_id",
    "dataset_name",
    "dataset_record_ids",
    "deployment_job_id",
    "endpoint_id",
    "endpoint_name",
    "experiment_id",
    "experiment_ids",
    "experiment_name",
    "function_fullname",
    "gateway_path",
    "guardrail_id",
    "issue_id",
    "item_id",
    "item_ids",
    "job_id",
    "job_name",
    "model",
    "model_definition_id",
    "model_id",
    "model_name",
    "model_route",
    "name",
    "new_name",
    "new_owner",
    "organization",
    "path",
    "queue_id",
    "request_id",
    "request_ids",
    "resource_id",
    "resource_pattern",
    "resource_type",
    "role_id",
    "role_permission_id",
    "run_id",
    "run_name",
    "run_uuid",
    "schema_id",
    "schema_ids",
    "scorer_id",
    "scorer_ids",
    "scorer_name",
    "secret_id",
    "secret_name",
    "server_alias",
    "server_version",
    "session_id",
    "source_prompt_uri",
    "source_run_id",
    "stage",
    "stages",
    "target_value",
    "trace_id",
    "trace_ids",
    "upload_id",
    "user",
    "username",
    "users",
    "version",
    "webhook_id",
];

/// The headers that say where OTLP's spans belong, and with which parameters
/// MLflow says the same elsewhere (MLflow 3.4 and later).
const OF_SPANS: &[(&str, &str)] = &[
    ("x-mlflow-experiment-id", "experiment_id"),
    ("x-mlflow-run-id", "run_id"),
];

/// The naming parameter that MLflow takes `name` for: it reads `runId` as
/// `run_id`.
pub fn naming_parameter(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| is_spelling(name, known))
}

/// Whether MLflow may read `name` as the parameter `key`: protobuf's JSON has
/// `new_name` and `newName`, and of both MLflow 2 takes the later.
pub(super) fn is_spelling(name: &str, key: &str) -> bool {
    letters(name).eq(letters(key))
}

fn letters(text: &str) -> impl Iterator<Item = u8> + '_ {
    let letters = text.bytes().filter(|byte| *byte != b'_');
    letters.map(|byte| byte.to_ascii_lowercase())
}

pub(super) fn headers(endpoint: &Endpoint) -> &'static [(&'static str, &'static str)] {
    match endpoint.path.as_str() {
        "v1/traces" => OF_SPANS,
        _ => &[],
    }
}
