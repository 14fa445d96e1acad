//! Rules that are limited to a team's experiments and models.

use serde_json::{Value, json};

use super::*;
use crate::policy::resources::{Labels, Resource, Resources};

const RUN: &str = "00000000000000000000000000000001";
const FOREIGN_RUN: &str = "00000000000000000000000000000002";

/// Two teams; `b` has its models in a rule of its own, `tagged` goes by a tag.
const POLICY: &str = r#"{"rules": [
    {"name": "pages", "groups": ["a", "b", "tagged", "lists"], "allow": {"server": ["read"]}},
    {"name": "team-a", "groups": ["a"], "experiments": ["team-a-*"], "models": ["team-a-*"],
     "allow": {"experiments": ["read", "write"], "runs": ["read", "write"], "scorers": ["read"],
               "artifacts": ["read", "write"], "logged-models": ["read", "write"],
               "traces": ["read", "write"], "datasets": ["read", "write"],
               "registered-models": ["read", "write", "manage"]}},
    {"name": "tagged", "groups": ["tagged"], "experiments": [{"tag": "team", "value": "a"}],
     "allow": {"experiments": ["read"], "runs": ["read"]}},
    {"name": "writers", "groups": ["writers"], "allow": {"registered-models": ["write"]}},
    {"name": "all", "groups": ["admins"], "allow": "everything"}
]}"#;

/// What MLflow would say of the entities that the tables have.
fn known() -> Resources {
    let mut known = Resources::default();
    let mut add = |kind, value: &str, resource| {
        let reference = Reference {
            kind,
            value: value.to_owned(),
            may_be_new: false,
        };
        known.insert(&reference, resource);
    };
    for (id, name, team) in [("1", "team-a-1", "a"), ("2", "team-b-1", "b")] {
        let labels = Labels {
            name: name.to_owned(),
            tags: [("team".to_owned(), team.to_owned())].into(),
        };
        add(EntityKind::Experiment, id, Resource::Labelled(labels));
    }
    let of = |ids: &[&str]| Resource::Of(ids.iter().map(ToString::to_string).collect());
    for (kind, prefix) in [
        (EntityKind::Run, ""),
        (EntityKind::LoggedModel, "m-"),
        (EntityKind::Trace, "tr-"),
        (EntityKind::Dataset, "d-"),
    ] {
        add(kind, &format!("{prefix}{RUN}"), of(&["1"]));
        add(kind, &format!("{prefix}{FOREIGN_RUN}"), of(&["2"]));
    }
    add(EntityKind::Dataset, "d-both", of(&["1", "2"]));
    add(EntityKind::Dataset, "d-none", of(&[]));
    add(EntityKind::Trace, "tr-new", Resource::Absent);
    add(EntityKind::Run, "gone", Resource::Absent);
    known
}

/// A request with `OWN` and `FOREIGN` in place of ids, and with what is known.
fn asked(line: &str, body: &Value) -> Request {
    let fill = |text: &str| text.replace("OWN", RUN).replace("FOREIGN", FOREIGN_RUN);
    let body: Value = serde_json::from_str(&fill(&body.to_string())).unwrap();
    read_request(&fill(line))
        .with_body(&body)
        .with_resources(known())
}

/// A request below `/api`, its body if it has one, and whether the team may.
const REQUESTS: &str = r#"
GET 2.0/mlflow/runs/get?run_id=OWN => yes
GET 2.0/mlflow/runs/get?run_id=FOREIGN => no
GET 2.0/mlflow/runs/get?run_id=OWN&run_uuid=FOREIGN => no
GET 2.0/mlflow/runs/get?run_id=OWN&run_id=FOREIGN => no
GET 2.0/mlflow/runs/get?run_id=OWN&runId=FOREIGN => no
GET 2.0/mlflow/runs/search?experiment_ids=1&experiment_ids[0]=2 => no
HEAD 2.0/mlflow/runs/get?run_id=OWN => no
GET 2.0/mlflow/experiments/get?experiment_id=01 => no
GET 3.0/mlflow/scorers/list?experiment_id=1 => yes
GET 3.0/mlflow/scorers/list?experiment_id=&experiment_id=1 => no
GET 3.0/mlflow/scorers/list?experiment_id=1&experiment_ids=2 => no
PATCH 2.0/mlflow/traces/tr-OWN/tags {"key": "k", "value": "v"} => yes
PATCH 2.0/mlflow/traces/tr-OWN/tags {"key": "mlflow.artifactLocation", "value": "v"} => no
PATCH 2.0/mlflow/traces/tr-OWN {"tags": [{"key": "mlflow.artifactLocation", "value": "v"}]} => no
GET 2.0/mlflow/runs/get?run_id=gone => no
GET 2.0/mlflow/runs/get?run_id=unheard-of => no
GET 2.0/mlflow/runs/get => no
GET 2.0/mlflow/metrics/get-history-bulk-interval?run_ids=OWN&run_ids=OWN => yes
GET 2.0/mlflow/metrics/get-history-bulk-interval?run_ids=OWN&run_ids=FOREIGN => no
POST 2.0/mlflow/runs/create {"experiment_id": "1"} => yes
POST 2.0/mlflow/runs/create {"experiment_id": "2"} => no
POST 2.0/mlflow/runs/create {} => no
POST 2.0/mlflow/runs/create {"experimentId": "1"} => no
POST 2.0/mlflow/runs/create {"experiment_id": "1", "experimentId": "2"} => no
POST 2.0/mlflow/runs/create {"experiment_id": 1} => no
POST 2.0/mlflow/runs/search {"experiment_ids": ["1"]} => yes
POST 2.0/mlflow/runs/search {"experiment_ids": ["1", "2"]} => no
POST 2.0/mlflow/runs/search {"experiment_ids": []} => no
POST 2.0/mlflow/runs/log-metric {"run_id": "OWN", "model_id": "m-OWN"} => yes
POST 2.0/mlflow/runs/log-metric {"run_id": "OWN", "model_id": "m-FOREIGN"} => no
POST 2.0/mlflow/runs/log-metric {"run_id": "OWN", "modelId": "m-FOREIGN"} => no
POST 2.0/mlflow/runs/log-metric {"run_id": "OWN", "model_id": null} => yes
POST 2.0/mlflow/runs/log-batch {"run_id": "OWN", "metrics": [{"key": "k"}]} => yes
POST 2.0/mlflow/runs/log-batch {"run_id": "OWN", "metrics": [{"key": "k"}, {"model_id": "m-FOREIGN"}]} => no
POST 2.0/mlflow/runs/outputs {"run_id": "OWN", "models": [{"model_id": "m-FOREIGN"}]} => no
POST 2.0/mlflow/experiments/update {"experiment_id": "1", "new_name": "team-a-9"} => yes
POST 2.0/mlflow/experiments/update {"experiment_id": "1", "new_name": "team-b-9"} => no
POST 2.0/mlflow/experiments/update {"experiment_id": "2", "new_name": "team-a-9"} => no
POST 2.0/mlflow/experiments/create {"name": "team-a-2"} => yes
POST 2.0/mlflow/experiments/create {"name": "team-a-2", "artifact_location": ""} => yes
POST 2.0/mlflow/experiments/create {"name": "team-a-2", "artifact_location": "mlflow-artifacts:/2"} => no
GET 2.0/mlflow-artifacts/artifacts/1/OWN/artifacts/a.txt => yes
GET 2.0/mlflow-artifacts/artifacts/1/FOREIGN/artifacts/a.txt => no
PUT 2.0/mlflow-artifacts/artifacts/2/OWN/artifacts/a.txt => no
PUT 2.0/mlflow-artifacts/artifacts/custom/OWN/artifacts/a.txt => yes
PUT 2.0/mlflow-artifacts/artifacts/workspaces/w/2/OWN/artifacts/a.txt => no
DELETE 2.0/mlflow-artifacts/artifacts/1 => no
GET 2.0/mlflow-artifacts/artifacts?path=1/OWN/artifacts => yes
GET 2.0/mlflow-artifacts/artifacts?path=2 => no
GET 2.0/mlflow-artifacts/artifacts => no
POST 2.0/mlflow-artifacts/mpu/create/1/OWN/artifacts {"path": "a.bin"} => yes
POST 2.0/mlflow-artifacts/mpu/create/1/OWN/artifacts {"path": "../../FOREIGN/a"} => no
POST 2.0/mlflow/upload-artifact?run_uuid=OWN&path=a => yes
POST 2.0/mlflow/upload-artifact?run_uuid=FOREIGN&path=a {"run_uuid": "OWN"} => no
GET 2.0/mlflow/logged-models/m-OWN => yes
DELETE 2.0/mlflow/logged-models/m-FOREIGN => no
GET 3.0/mlflow/traces/tr-OWN => yes
PATCH 3.0/mlflow/traces/tr-OWN/tags {"trace_id": "tr-OWN"} => yes
PATCH 3.0/mlflow/traces/tr-FOREIGN/tags {"trace_id": "tr-OWN"} => no
POST 2.0/mlflow/traces/link-to-run {"run_id": "OWN", "trace_ids": ["tr-FOREIGN"]} => no
POST 3.0/mlflow/traces/search {"locations": [{"mlflow_experiment": {"experiment_id": "1"}}]} => yes
POST 3.0/mlflow/traces/search {"locations": [{"mlflow_experiment": {"experiment_id": "1"}}, {"mlflow_experiment": {"experiment_id": "2"}}]} => no
POST 3.0/mlflow/traces/search {"locations": [{"mlflowExperiment": {"experiment_id": "1"}}]} => no
POST 3.0/mlflow/traces {"trace": {"trace_info": {"trace_id": "tr-new", "trace_location": {"mlflow_experiment": {"experiment_id": "1"}}}}} => yes
POST 3.0/mlflow/traces {"trace": {"trace_info": {"trace_id": "tr-new", "tags": {"mlflow.artifactLocation": "x"}, "trace_location": {"mlflow_experiment": {"experiment_id": "1"}}}}} => no
POST 3.0/mlflow/traces {"trace": {"trace_info": {"trace_id": "tr-OWN", "trace_location": {"mlflow_experiment": {"experiment_id": "1"}}}}} => yes
POST 3.0/mlflow/traces {"trace": {"trace_info": {"trace_id": "tr-FOREIGN", "trace_location": {"mlflow_experiment": {"experiment_id": "1"}}}}} => no
POST 3.0/mlflow/traces {"trace": {"trace_info": {"trace_id": "tr-new", "trace_location": {"mlflow_experiment": {"experiment_id": "2"}}}}} => no
GET 3.0/mlflow/datasets/d-OWN/records => yes
GET 3.0/mlflow/datasets/d-FOREIGN/records => no
GET 3.0/mlflow/datasets/d-both/records => no
GET 3.0/mlflow/datasets/d-none/records => no
POST 3.0/mlflow/datasets/d-OWN/add-experiments {"experiment_ids": ["2"]} => no
POST 2.0/mlflow/registered-models/create {"name": "team-a-m"} => yes
POST 2.0/mlflow/registered-models/create {"name": "team-b-m"} => no
GET 2.0/mlflow/gateway-proxy => no
GET 9.0/unheard-of => no
"#;

#[test]
fn a_team_reaches_its_own_and_nothing_of_another_team() {
    let policy = Policy::parse(POLICY).unwrap();
    for row in REQUESTS.trim().lines() {
        let (request, expected) = row.split_once(" => ").unwrap();
        let (line, body) = request.split_once(" {").unwrap_or((request, "}"));
        let body = serde_json::from_str(&format!("{{{body}")).unwrap();
        let request = asked(&line.replacen(' ', " /api/", 1), &body);
        let found = policy.decide(&claims(&["a"]), &request).is_ok();
        assert_eq!(found, expected == "yes", "{row}");
    }
}

#[test]
fn a_version_is_made_from_what_its_maker_may_read() {
    let line = "POST /api/2.0/mlflow/model-versions/create";
    let table = [
        ("a", "team-a-m", "mlflow-artifacts:/1/OWN/artifacts/m", true),
        ("a", "team-a-m", "runs:/OWN/m", true),
        ("a", "team-a-m", "models:/m-OWN", true),
        ("a", "team-a-m", "models:/team-a-m/1", true),
        ("a", "team-b-m", "runs:/OWN/m", false),
        ("a", "team-a-m", "runs:/FOREIGN/m", false),
        ("a", "team-a-m", "s3://b/2/FOREIGN/artifacts/m", false),
        ("a", "team-a-m", "s3://b/2/FOREIGN", false),
        ("a", "team-a-m", "models:/team-b-m/1", false),
        ("a", "team-a-m", "", false),
        // Whoever may write all models and read no runs.
        ("writers", "any", "runs:/OWN/m", false),
        ("admins", "any", "s3://anywhere", true),
    ];
    let policy = Policy::parse(POLICY).unwrap();
    for (group, name, source, expected) in table {
        let request = asked(line, &json!({"name": name, "source": source}));
        let found = policy.decide(&claims(&[group]), &request).is_ok();
        assert_eq!(found, expected, "{group} {name} {source}");
    }
}

#[test]
fn a_list_is_allowed_and_filtered_unless_a_rule_gives_all_of_it() {
    let policy = Policy::parse(POLICY).unwrap();
    let search = read_request("GET /api/2.0/mlflow/experiments/search?max_results=5");
    let filter = |groups: &[&str]| {
        let permit = policy.decide(&claims(groups), &search).ok()?;
        Some(permit.filter().map(|filter| filter.query(None)))
    };
    assert_eq!(
        filter(&["a"]),
        Some(Some(Some("name LIKE 'team-a-%'".into())))
    );
    assert_eq!(filter(&["a", "tagged"]), Some(Some(None)));
    assert_eq!(filter(&["a", "admins"]), Some(None));
    assert_eq!(filter(&["b"]), None);
    assert_eq!(filter(&["writers"]), None);
}

#[test]
fn what_has_to_be_looked_up_is_only_what_decides() {
    let policy = Policy::parse(POLICY).unwrap();
    let run = read_request(&format!("GET /api/2.0/mlflow/runs/get?run_id={RUN}"));
    let missing = |group: &str, request: &Request| {
        let missing = policy.unresolved(&[group.to_owned()], request);
        missing
            .into_iter()
            .map(|it| (it.kind, it.value))
            .collect::<Vec<_>>()
    };
    assert_eq!(missing("a", &run), [(EntityKind::Run, RUN.to_owned())]);
    assert_eq!(missing("a", &run.clone().with_resources(known())), []);
    assert_eq!(missing("admins", &run), []);
    assert_eq!(missing("b", &run), []);
    let named = read_request("GET /api/2.0/mlflow/registered-models/get?name=team-b-m");
    assert_eq!(missing("a", &named), [], "no tag decides");
    let own = read_request("GET /api/2.0/mlflow/registered-models/get?name=team-a-m");
    assert_eq!(missing("a", &own), []);
}

#[test]
fn tags_are_as_good_as_names() {
    let policy = Policy::parse(POLICY).unwrap();
    for (id, expected) in [("1", true), ("2", false), ("3", false)] {
        let line = format!("GET /api/2.0/mlflow/experiments/get?experiment_id={id}");
        let request = asked(&line, &json!({}));
        let found = policy.decide(&claims(&["tagged"]), &request).is_ok();
        assert_eq!(found, expected, "{id}");
    }
}

#[test]
fn fields_of_graphql_are_about_what_their_arguments_name() {
    let policy = Policy::parse(POLICY).unwrap();
    let field = |name: &str, input: Value| graphql::RootField {
        name: name.to_owned(),
        input,
    };
    let table = [
        (vec![field("mlflowGetRun", json!({"runId": RUN}))], true),
        (
            vec![field("mlflowGetRun", json!({"runId": FOREIGN_RUN}))],
            false,
        ),
        (vec![field("mlflowGetRun", Value::Null)], false),
        (
            vec![field(
                "mlflowSearchRuns",
                json!({"experimentIds": ["1", "2"]}),
            )],
            false,
        ),
        (
            vec![
                field("mlflowGetExperiment", json!({"experimentId": "1"})),
                field("mlflowGetRun", json!({"runId": FOREIGN_RUN})),
            ],
            false,
        ),
        (
            vec![field("mlflowSearchModelVersions", json!({"filter": "x"}))],
            true,
        ),
    ];
    for (fields, expected) in table {
        let names: Vec<&str> = fields.iter().map(|it| it.name.as_str()).collect();
        let request = read_request("POST /graphql").with_fields(names.iter().copied());
        let unseen = request.clone().with_resources(known());
        assert!(
            policy.decide(&claims(&["a"]), &unseen).is_err(),
            "{names:?}"
        );
        let request = request.with_arguments(&fields).with_resources(known());
        let permit = policy.decide(&claims(&["a"]), &request);
        assert_eq!(permit.is_ok(), expected, "{fields:?}");
    }
}

#[test]
fn a_rule_for_workspaces_covers_what_acts_in_them() {
    let text = r#"{"rules": [
        {"name": "w", "groups": ["g"], "workspaces": ["team-a", "shared-*"],
         "allow": {"runs": ["read"], "workspaces": ["read"]}},
        {"name": "e", "groups": ["h"], "workspaces": ["team-a"], "experiments": ["x"],
         "allow": {"experiments": ["write"]}}
    ]}"#;
    let policy = Policy::parse(text).unwrap();
    let may = |group: &str, request: &Request| policy.decide(&claims(&[group]), request).is_ok();
    let run = read_request("GET /api/2.0/mlflow/runs/get?run_id=r");
    let create =
        read_request("POST /api/2.0/mlflow/experiments/create").with_body(&json!({"name": "x"}));
    assert!(!may("g", &run), "the server has no workspaces");
    for (workspace, expected) in [
        ("team-a", true),
        ("shared-1", true),
        ("team-b", false),
        ("default", false),
    ] {
        assert_eq!(
            may("g", &run.clone().in_workspace(workspace.into())),
            expected,
            "{workspace}"
        );
    }
    assert!(may("h", &create.clone().in_workspace("team-a".into())));
    assert!(!may("h", &create.in_workspace("shared-1".into())));
    let one = |name| read_request(&format!("GET /api/3.0/mlflow/workspaces/{name}"));
    assert!(may("g", &one("team-a")));
    assert!(!may("g", &one("team-b")));
    let list = read_request("GET /api/3.0/mlflow/workspaces");
    let permit = policy.decide(&claims(&["g"]), &list).unwrap();
    let mut answer = json!({"workspaces": [{"name": "team-a"}, {"name": "team-b"}]});
    permit.filter().unwrap().apply(&mut answer).unwrap();
    assert_eq!(answer, json!({"workspaces": [{"name": "team-a"}]}));
}
