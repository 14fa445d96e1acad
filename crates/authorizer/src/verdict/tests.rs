use serde_json::json;

use super::*;
use crate::{
    EventKind,
    testing::{claims, event, fixture},
};

#[test]
fn what_is_judged_is_mlflows_path() {
    let table = [
        ("GET /ajax-api/2.0/mlflow/runs/get", "reading"),
        ("GET /api/2.0/mlflow/runs/get", "reading"),
        ("HEAD /api/2.0/mlflow/runs/get", "reading"),
        ("GET /mlflow/ajax-api/2.0/mlflow/runs/get", "reading"),
        ("GET /mlflow/@dev/ajax-api/2.0/mlflow/runs/get", "reading"),
        ("GET /@dev/api/2.0/mlflow/runs/get", "reading"),
        ("GET /mlflow/static-files/static/js/main.js", "reading"),
        ("GET /get-artifact", "reading"),
        ("GET /", "reading"),
        ("GET /mlflow/", "reading"),
        ("POST /ajax-api/2.0/mlflow/runs/search", "reading"),
        ("POST /graphql", "reading"),
        (
            "GET /api/2.0/mlflow-artifacts/artifacts/1/a%20b/%C3%BC.txt",
            "reading",
        ),
        ("POST /ajax-api/2.0/mlflow/runs/create", "NO"),
        ("POST /mlflow/ajax-api/2.0/mlflow/runs/create", "NO"),
        ("OPTIONS /ajax-api/2.0/mlflow/runs/search", "NO"),
        ("GET /metrics", "NO"),
        ("post /ajax-api/2.0/mlflow/runs/search", "NO"),
    ];
    for (line, expected) in table {
        assert_eq!(rule(&["readers"], &event(line)), expected, "{line}");
        assert_ne!(rule(&["admins"], &event(line)), "NO", "{line}");
        assert_eq!(rule(&["others"], &event(line)), "NO", "{line}");
    }
}

/// Decoded once or twice these are endpoints, of which a reader may call one.
#[test]
fn every_reading_has_to_be_allowed() {
    let table = [
        ("POST /api/2.0/mlflow/runs/sear%63h", "NO", "administration"),
        ("POST /api/2.0/mlflow%2Fruns/search", "NO", "administration"),
        ("POST /api/2.0/mlflow/runs/search%2F..%2Fcreate", "NO", "NO"),
        (
            "POST /api/2.0/mlflow/runs/search%252F..%252Fcreate",
            "NO",
            "NO",
        ),
        (
            "GET /api/2.0/mlflow-artifacts/artifacts/a%252Fb",
            "reading",
            "administration",
        ),
        (
            "GET /api/2.0/mlflow-artifacts/artifacts/a%252F..%252Fb",
            "NO",
            "NO",
        ),
        (
            "GET /api/2.0/mlflow-artifacts/artifacts/%25252525252e",
            "NO",
            "NO",
        ),
        ("GET /api/2.0/mlflow-artifacts/artifacts/100%25", "NO", "NO"),
    ];
    for (line, reader, admin) in table {
        assert_eq!(rule(&["readers"], &event(line)), reader, "{line}");
        assert_eq!(rule(&["admins"], &event(line)), admin, "{line}");
    }
}

#[test]
fn what_has_no_one_reading_is_denied_to_everyone() {
    let table = [
        "GET /mlflow/%40dev/version",
        "GET /mlflow/@/version",
        "GET /mlflow/@dev/../version",
        "GET /mlflow/@dev/%2e%2e/version",
        "GET /mlflow/@shell/tokens",
        "GET /api/../version",
        "GET //version",
        "GET /a//b",
        "GET /a/./b",
        "GET /a%00",
        "GET /a%zz",
        "GET /a%ff",
        "GET /a*",
        "GET /a?",
    ];
    for line in table {
        assert_eq!(rule(&["admins"], &event(line)), "NO", "{line}");
    }
}

#[test]
fn a_workspace_with_two_readings_is_noticed() {
    let name = "X-MLFLOW-WORKSPACE";
    let table = [
        (json!({}), true),
        (json!({name: "team-a"}), true),
        (json!({name: ""}), true),
        (json!({name: "team-a,team-b"}), false),
        (json!({name: "\u{a0}team-a"}), false),
        (json!({"x_mlflow_workspace": "team-a"}), false),
        (json!({name: "a", "x-mlflow-workspace": "a"}), false),
    ];
    for (headers, is_allowed) in table {
        for kind in [EventKind::Rest, EventKind::Http1, EventKind::Http2] {
            let mut payload = fixture(kind);
            payload["multiValueHeaders"] = json!({});
            payload["headers"] = headers.clone();
            let event = Event::read(&payload, "").unwrap();
            assert_eq!(event.has_one_workspace, is_allowed, "{kind:?} {headers}");
        }
    }
    let mut twice = fixture(EventKind::Rest);
    twice["multiValueHeaders"] = json!({name: ["a", "b"]});
    twice["headers"] = json!({name: "b"});
    assert!(!Event::read(&twice, "").unwrap().has_one_workspace);
}

#[test]
fn both_spellings_of_a_rest_apis_path_have_to_be_allowed() {
    let (read, write) = ("/api/2.0/mlflow/runs/search", "/api/2.0/mlflow/runs/create");
    for (path, in_arn, expected) in [
        (read, read, "reading"),
        (read, write, "NO"),
        (write, read, "NO"),
        ("/base/api/2.0/mlflow/runs/search", read, "NO"),
    ] {
        let mut payload = fixture(EventKind::Rest);
        payload["path"] = path.into();
        payload["methodArn"] = format!("arn:aws:execute-api:r:1:a/prod/POST{in_arn}").into();
        let event = Event::read(&payload, "").unwrap();
        assert_eq!(rule(&["readers"], &event), expected, "{path} {in_arn}");
    }
}

#[test]
fn only_names_in_queries_are_seen() {
    let policy = r#"{"rules": [{"name": "fraud", "groups": ["g"], "models": ["fraud-*"],
                                "allow": {"registered-models": ["read", "write"]}}]}"#;
    let policy = Policy::parse(policy).unwrap();
    let table = [
        ("GET", "get", json!({"name": ["fraud-1"]}), true),
        ("GET", "get", json!({"name": ["other"]}), false),
        ("GET", "get", json!({"name": ["fraud-1", "other"]}), false),
        ("GET", "get", json!({"name": ["fraud-%31"]}), false),
        ("GET", "get", json!(null), false),
        ("POST", "create", json!({"name": ["fraud-1"]}), false),
        // The answer would have to be filtered.
        ("GET", "search", json!(null), false),
    ];
    for (method, last, query, expected) in table {
        let path = format!("/api/2.0/mlflow/registered-models/{last}");
        let mut payload = fixture(EventKind::Rest);
        payload["httpMethod"] = method.into();
        payload["path"] = path.clone().into();
        payload["methodArn"] = format!("arn:aws:execute-api:r:1:a/prod/{method}{path}").into();
        payload["multiValueQueryStringParameters"] = query.clone();
        let event = Event::read(&payload, "").unwrap();
        let verdict = judge(&policy, &claims(&["g"]), &event);
        assert_eq!(verdict.ruling.is_ok(), expected, "{method} {query}");
    }
}

#[test]
fn a_verdict_says_what_and_why() {
    let verdict = |groups: &[&str], line| judge(&Policy::built_in(), &claims(groups), &event(line));

    let allowed = verdict(&["readers"], "GET /mlflow/ajax-api/3.0/mlflow/traces/tr-1");
    assert_eq!(allowed.operation, "3.0/mlflow/traces/{trace_id}");
    let denied = verdict(&["readers"], "POST /api/2.0/mlflow/runs/create");
    assert_eq!(denied.operation, "2.0/mlflow/runs/create");
    let why = denied.ruling.unwrap_err();
    assert!(
        why.contains("a@example.com") && why.contains("admins"),
        "{why}"
    );
    let unread = verdict(&["admins"], "GET /a//b");
    assert_eq!(unread.operation, "unknown");
    assert_eq!(
        unread.ruling.unwrap_err(),
        "the path has more than one reading"
    );
}

#[test]
fn what_stands_before_mlflows_path_is_known() {
    let table = [
        ("/", ""),
        ("/ajax-api/2.0", ""),
        ("/api/2.0", ""),
        ("/mlflow", ""),
        ("/mlflow/", "/mlflow"),
        ("/mlflow/ajax-api/2.0", "/mlflow"),
        ("/mlflow/@dev/ajax-api/2.0", "/mlflow/@dev"),
        ("/@dev/api/2.0", "/@dev"),
        ("/mlflow/@shell/tokens", ""),
    ];
    for (path, expected) in table {
        assert_eq!(prefix(path), expected, "{path}");
    }
}

/// The rule that allows it, or `NO`.
fn rule(groups: &[&str], event: &Event) -> String {
    let verdict = judge(&Policy::built_in(), &claims(groups), event);
    verdict.ruling.unwrap_or_else(|_| "NO".to_owned())
}

#[test]
fn a_navigation_may_read_documents_and_files_only() {
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    let table = [
        (html, "GET /mlflow/", false),
        (html, "GET /mlflow/get-artifact", false),
        (html, "GET /get-artifact", false),
        (html, "POST /mlflow/get-artifact", true),
        (html, "POST /mlflow/ajax-api/2.0/mlflow/runs/delete", true),
        (html, "GET /mlflow/ajax-api/2.0/mlflow/runs/get", true),
        (html, "POST /api/2.0/mlflow/runs/delete", true),
        (html, "GET /mlflow/ajax-api%2F2.0/mlflow/runs/get", true),
        (html, "GET /mlflow/ajax-api%252F2.0/mlflow/runs/get", true),
        ("*/*", "POST /mlflow/ajax-api/2.0/mlflow/runs/delete", false),
        (
            "application/json",
            "POST /api/2.0/mlflow/runs/delete",
            false,
        ),
    ];
    for kind in [EventKind::Rest, EventKind::Http1, EventKind::Http2] {
        for (accept, line, is_unsafe) in table {
            let (method, path) = line.split_once(' ').unwrap();
            let mut payload = fixture(kind);
            payload["headers"] = serde_json::json!({ "Accept": accept });
            if kind == EventKind::Rest {
                payload["multiValueHeaders"] = serde_json::json!({ "accept": [accept] });
            }
            payload["httpMethod"] = method.into();
            payload["requestContext"]["http"]["method"] = method.into();
            payload["path"] = path.into();
            payload["rawPath"] = path.into();
            let arn = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/$default/";
            for key in ["methodArn", "routeArn"] {
                payload[key] = [arn, method, path].concat().into();
            }
            let event = Event::read(&payload, "").unwrap();
            assert_eq!(
                is_unsafe_navigation(&event),
                is_unsafe,
                "{kind:?} {accept} {line}"
            );
        }
    }
}
