//! Every parameter by which MLflow is told what to change is written down, and
//! no other.

use std::collections::BTreeSet;

use shell_core::policy::{Request, WORKSPACE, names::NAMES, naming_parameter};
use shell_tests::endpoints::{self, Parameter};

/// Reviewed: these name nothing that is acted on. What a version of MLflow adds
/// is to be looked at, and put here or among [`NAMES`].
const NO_NAMES: &[(&str, &str)] = &[
    (
        "secrets, and what is shown to prove something",
        "current_password password secret",
    ),
    (
        "contents: what is written, said or computed with",
        "content data input instruction instructions json_data message model_input model_json \
         model_output model_output_parameters model_parameters profile prompt_parameters \
         prompt_template query records root_causes schema serialized_scorer \
         serialized_scorers tags value variables",
    ),
    (
        "descriptions, and where things come from or lie",
        "artifact_location custom_path default_artifact_root description display_name \
         run_link source trace_archival_config url",
    ),
    (
        "the part of a thing: a tag or a metric of what is named beside it",
        "delete_metadata_keys key metric_key metric_name",
    ),
    (
        "kinds, states and switches",
        "action allow_deleted allowed_actions budget_action budget_unit categories decision \
         execution_order features is_admin item_type log_assessments mlflow_version mode \
         model_type operationName permission presigned provider queue_type routing_strategy \
         sample_rate scorer_version scorer_versions severities severity source_type status \
         statuses stream target_scope transport_type type",
    ),
    (
        "searches: filters, order, pages, ranges",
        "base_filter dimensions end_step end_time end_time_ms expiration filter filter_string \
         filter_string1 filter_string2 filters last_seen_timestamp max_results \
         max_timestamp_millis max_traces num_parts order_by page_token run_view_type \
         start_step start_time start_time_ms step time_interval_seconds timestamp \
         timestamp_ms view view_type",
    ),
    (
        "who did it, in the client's own words: the token says who",
        "completed_by created_by last_updated_by updated_by user_id",
    ),
    (
        "the workspace: a header names it, and a body's word would stand in its place",
        "workspace",
    ),
    (
        "read of MLflow's own objects, in functions that read requests, too",
        "access_endpoints jobs mcp_access_endpoints mcp_servers skills",
    ),
    (
        "headers of HTTP",
        "content-encoding content-type user-agent",
    ),
];

#[test]
fn every_parameter_that_names_something_is_written_down() {
    let reviewed = reviewed();
    let missing: BTreeSet<String> = endpoints::parameters()
        .iter()
        .filter(|parameter| !is_written(parameter) && !reviewed.contains(parameter.name))
        .map(
            |Parameter {
                 method, path, name, ..
             }| format!("{name} ({method} {path})"),
        )
        .collect();
    assert!(
        missing.is_empty(),
        "names, or none? Put them into crates/core/src/policy/names.rs or among NO_NAMES here: \
         {missing:#?}"
    );
}

#[test]
fn nothing_is_both_a_name_and_none() {
    for name in reviewed() {
        assert_eq!(naming_parameter(name), None, "{name}");
    }
}

/// A slip of the pen, or what no version has any more, shows here.
#[test]
fn every_name_is_a_parameter_of_some_version() {
    let listed: BTreeSet<&str> = endpoints::parameters().iter().map(|it| it.name).collect();
    // In paths alone.
    let of_paths = ["webhook_id"];
    let strays: Vec<&str> = NAMES
        .into_iter()
        .chain(reviewed())
        .filter(|name| !listed.contains(name) && !of_paths.contains(name))
        .collect();
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn parameters_are_of_the_versions_and_endpoints_that_are_listed() {
    assert_eq!(endpoints::versions_with_parameters(), endpoints::versions());
    let paths: BTreeSet<&str> = endpoints::all().iter().map(|it| it.path).collect();
    for parameter in endpoints::parameters() {
        let is_known = parameter.method == "ANY" || paths.contains(parameter.path);
        assert!(is_known, "{parameter:?}");
    }
}

fn reviewed() -> BTreeSet<&'static str> {
    let lists = NO_NAMES.iter();
    lists
        .flat_map(|(_, names)| names.split_whitespace())
        .collect()
}

fn is_written(parameter: &Parameter) -> bool {
    if parameter.kind != "header" {
        return naming_parameter(parameter.name).is_some();
    }
    let request = Request::read(parameter.method, parameter.path).expect("one reading");
    let headers = request.naming_headers();
    parameter.name == WORKSPACE || headers.iter().any(|(header, _)| *header == parameter.name)
}
