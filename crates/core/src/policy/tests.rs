use super::*;
use crate::{Timestamp, config::Groups};

mod denials;
mod documents;
mod names;
mod servers;
mod teams;

#[test]
fn rights_are_the_union_of_the_groups() {
    let (read, write) = (
        "GET /api/2.0/mlflow/runs/get",
        "POST /api/2.0/mlflow/runs/create",
    );
    let approve = "POST /api/2.0/mlflow/model-versions/transition-stage";
    let table: [(&[&str], &str, Option<&str>); 13] = [
        (&["readers"], read, Some("reading")),
        (&["readers"], write, None),
        (&["readers"], approve, None),
        (&["model-approvers"], read, Some("reading")),
        (&["model-approvers"], write, None),
        (&["model-approvers"], approve, Some("model-approval")),
        (
            &["model-approvers", "readers"],
            approve,
            Some("model-approval"),
        ),
        (
            &["readers", "model-approvers"],
            approve,
            Some("model-approval"),
        ),
        (&["pool_Google", "readers"], read, Some("reading")),
        (&["readers", "admins"], write, Some("administration")),
        // The policy's order counts, not that of the groups.
        (&["readers", "admins"], read, Some("administration")),
        (&["Admins", "admin", "readers, admins"], read, None),
        (&[], read, None),
    ];
    for (groups, request, rule) in table {
        let verdict = Policy::built_in().decide(&claims(groups), &read_request(request));
        let found = verdict.as_ref().ok().map(Permit::rule);
        assert_eq!(found, rule, "{groups:?} {request}");
    }
}

#[test]
fn what_is_unknown_is_for_whoever_may_do_everything() {
    let reading = Rule::new("all", &["all"], {
        let all = Access::ALL.into_iter().map(Rights::everywhere);
        all.fold(Rights::default(), Rights::union)
    });
    let rules = Policy::built_in().rules.into_iter().chain([reading]);
    let policy = Policy::new(rules.collect());
    for request in [
        "GET /unheard-of",
        "post /api/2.0/mlflow/runs/create",
        "GET /api/9.0/mlflow/runs/get",
    ] {
        let request = read_request(request);
        assert_eq!(request.operation(), &Operation::Unknown);
        let may = |group: &str| policy.decide(&claims(&[group]), &request).is_ok();
        assert_eq!(["readers", "all", "admins"].map(may), [false, false, true]);
    }
}

#[test]
fn a_permit_has_the_path_that_was_judged() {
    let request = read_request("POST /api/2.0/mlflow%2Fruns%2fsear%63h");
    let permit = Policy::built_in().decide(&claims(&["readers"]), &request);
    let permit = permit.unwrap();

    assert_eq!(permit.path(), "/api/2.0/mlflow/runs/search");
    assert_eq!((permit.subject(), permit.rule()), ("s", "reading"));
}

#[test]
fn graphql_is_judged_by_its_fields() {
    let policy = Policy::parse(
        r#"{"rules": [{"name": "runs", "groups": ["g"], "allow": {"runs": ["read"]}},
                      {"name": "more", "groups": ["h"], "allow": {
                       "runs": ["read"], "experiments": ["read"], "registered-models": ["read"]}},
                      {"name": "all", "groups": ["admins"], "allow": "everything"}]}"#,
    );
    let policy = policy.unwrap();
    let history = "mlflowGetMetricHistoryBulkInterval";
    let table: [(&[&str], [bool; 3]); 7] = [
        (&[history], [true, true, true]),
        (&[history, "__typename"], [true, true, true]),
        // A run shows its experiment and the versions made from it.
        (&["mlflowGetRun"], [false, true, true]),
        (&[history, "mlflowListArtifacts"], [false, false, true]),
        (&["mlflowDeleteRun"], [false, false, true]),
        (&["__schema"], [false, false, true]),
        (&[], [false, false, true]),
    ];
    for (fields, expected) in table {
        let request = read_request("POST /graphql").with_fields(fields.iter().copied());
        let may = |group| policy.decide(&claims(&[group]), &request).is_ok();
        assert_eq!(["g", "h", "admins"].map(may), expected, "{fields:?}");
    }
    let unseen = read_request("POST /graphql");
    assert!(policy.decide(&claims(&["g"]), &unseen).is_err());
    assert!(
        Policy::built_in()
            .decide(&claims(&["readers"]), &unseen)
            .is_ok()
    );
}

#[test]
fn only_users_of_a_group_with_a_rule_are_admitted() {
    let policy = Policy::built_in();
    for (groups, is_admitted) in [
        (["readers"].as_slice(), true),
        (&["unheard-of", "admins"], true),
        (&["unheard-of"], false),
        (&[], false),
    ] {
        assert_eq!(
            policy.admit(&claims(groups)).is_ok(),
            is_admitted,
            "{groups:?}"
        );
    }
}

/// Whatever groups stand beside it.
#[test]
fn a_user_whose_groups_cannot_be_read_may_do_nothing() {
    let policy = Policy::built_in();
    let rules = Groups::parse(r#"[{"claim": "groups"}]"#).unwrap();
    let payload = serde_json::json!({ "groups": { "admins": true } });
    let error = rules.of(payload.as_object().unwrap()).unwrap_err();
    let claims = Claims {
        groups_error: Some(error),
        ..claims(&["admins"])
    };
    let request = read_request("GET /api/2.0/mlflow/experiments/search");
    let said = "the claim `groups` is an object, a list of texts is needed";
    let denials = [
        policy.admit(&claims).unwrap_err(),
        policy.decide(&claims, &request).unwrap_err(),
    ];
    for denial in denials {
        assert!(denial.message().contains(said), "{denial}");
    }
    let problem = policy.permit(None, &claims, &request).unwrap_err();
    assert_eq!(problem.status(), 403);
    assert!(problem.message().contains(said), "{problem:?}");
}

pub(super) fn claims(groups: &[&str]) -> Claims {
    Claims {
        issuer: "i".into(),
        subject: "s".into(),
        name: "a@example.com".into(),
        groups: groups.iter().map(ToString::to_string).collect(),
        groups_error: None,
        issued_at: None,
        expires_at: Timestamp(1),
        nonce: None,
    }
}

/// A request of the form `GET /path`.
pub(super) fn read_request(line: &str) -> Request {
    let (method, path) = line.split_once(' ').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Request::read(method, path).unwrap().with_query(query)
}

#[test]
fn what_of_a_body_matters_is_known_by_the_request() {
    use BodyRequirement as M;
    let api = "/api/2.0/mlflow";
    let table = [
        (format!("GET {api}/runs/get"), M::Refused, true),
        (format!("HEAD {api}/runs/get"), M::Refused, true),
        ("GET /graphql".to_owned(), M::Refused, true),
        ("POST /graphql".to_owned(), M::Document, false),
        (format!("POST {api}/runs/search"), M::References, false),
        (format!("POST {api}/experiments/search"), M::Nothing, false),
        (
            "POST /api/2.0/mlflow-artifacts/mpu/create/a".to_owned(),
            M::References,
            true,
        ),
        (format!("POST {api}/runs/delete"), M::Names, false),
        (
            format!("POST {api}/registered-models/get-latest-versions"),
            M::Names,
            false,
        ),
        (format!("POST {api}/upload-artifact"), M::Nothing, true),
        (
            "PUT /api/2.0/mlflow-artifacts/artifacts/a".to_owned(),
            M::Nothing,
            true,
        ),
        ("POST /unheard-of".to_owned(), M::Nothing, false),
    ];
    for (line, matter, reads_query) in table {
        let request = read_request(&line);
        assert_eq!(
            (request.body(), request.reads_query()),
            (matter, reads_query),
            "{line}"
        );
    }
}
