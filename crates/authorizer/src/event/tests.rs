use serde_json::json;

use super::*;
use crate::testing::{KINDS, fixture};

const SEARCH: &str = "/ajax-api/2.0/mlflow/runs/search";

#[test]
fn every_documented_event_is_read() {
    let table = [
        (EventKind::Token, "", ""),
        (EventKind::Rest, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", ""),
        (EventKind::Http1, "id-1", "QueryString1=queryValue1"),
        (
            EventKind::Http2,
            "id-2",
            "parameter1=value1&parameter1=value2&parameter2=value",
        ),
    ];
    for (kind, request_id, query) in table {
        let event = Event::read(&fixture(kind), "").unwrap();

        assert_eq!((event.kind, event.method.as_str()), (kind, "POST"));
        assert_eq!(event.paths, [SEARCH], "{kind:?}");
        assert_eq!(
            (event.request_id.as_str(), event.query.as_str()),
            (request_id, query)
        );
        let missing = Failure::Unauthorized(UnauthorizedReason::Missing);
        assert_eq!(event.token(), Err(missing), "{kind:?}");
    }
}

#[test]
fn paths_are_the_apis_own() {
    let (own, custom) = (
        "a.execute-api.eu-central-1.amazonaws.com",
        "mlflow.example.com",
    );
    let table = [
        (EventKind::Rest, own, "", SEARCH, vec![SEARCH]),
        (EventKind::Rest, own, "team", SEARCH, vec![SEARCH]),
        (
            EventKind::Rest,
            custom,
            "team",
            "/team/ajax-api/2.0/mlflow/runs/search",
            vec![SEARCH],
        ),
        (
            EventKind::Rest,
            custom,
            "a/b",
            "/a/b/ajax-api/2.0/mlflow/runs/search",
            vec![SEARCH],
        ),
        (
            EventKind::Rest,
            custom,
            "team",
            "/teams/a",
            vec!["/teams/a", SEARCH],
        ),
        (
            EventKind::Rest,
            custom,
            "",
            "/team/a",
            vec!["/team/a", SEARCH],
        ),
        (EventKind::Http1, own, "", "/test/a", vec!["/a"]),
        (EventKind::Http1, own, "", "/test", vec!["/"]),
        (EventKind::Http1, own, "", "/tests/a", vec!["/tests/a"]),
        (EventKind::Http1, custom, "", "/test/a", vec!["/test/a"]),
        (EventKind::Http1, custom, "team", "/team/a", vec!["/a"]),
        (EventKind::Http2, own, "team", "/team/a", vec!["/team/a"]),
        (EventKind::Http2, custom, "team", "/team/", vec!["/"]),
    ];
    for (kind, host, base, path, expected) in table {
        let mut event = fixture(kind);
        event[if kind == EventKind::Http2 {
            "rawPath"
        } else {
            "path"
        }] = path.into();
        event["requestContext"]["domainName"] = host.into();
        let event = Event::read(&event, base).unwrap();
        assert_eq!(event.paths, expected, "{kind:?} {host} {base} {path}");
    }
}

#[test]
fn queries_are_seen_if_they_have_one_reading() {
    let table = [
        (json!(null), json!({"a": "1"}), "a=1"),
        (json!({}), json!({"a": "1"}), "a=1"),
        (json!({"a": ["1", "2"]}), json!({"a": "2"}), "a=1&a=2"),
        (json!({"a": ["x&b=ü"]}), json!(null), "a=x%26b%3D%C3%BC"),
        (json!({"a": ["1%32"], "b": ["1"]}), json!(null), ""),
        (json!({"a": ["1+2"]}), json!(null), ""),
        (json!({"a": [7]}), json!(null), "a="),
        (json!("a=1"), json!([]), ""),
    ];
    for (multiple, single, expected) in table {
        let mut event = fixture(EventKind::Rest);
        event["multiValueQueryStringParameters"] = multiple.clone();
        event["queryStringParameters"] = single;
        let event = Event::read(&event, "").unwrap();
        assert_eq!(event.query, expected, "{multiple}");
    }
}

#[test]
fn one_bearer_is_found_however_it_is_spelt() {
    let names = ["Authorization", "authorization", "AUTHORIZATION"];
    let values = ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c"];
    for (name, value) in names.into_iter().zip(values) {
        for kind in KINDS {
            let mut event = fixture(kind);
            if kind == EventKind::Token {
                event["authorizationToken"] = value.into();
            } else {
                event["headers"][name] = value.into();
            }
            assert_eq!(
                Event::read(&event, "").unwrap().token(),
                Ok("a.b.c"),
                "{kind:?} {name}"
            );
        }
        let mut event = fixture(EventKind::Rest);
        event["multiValueHeaders"][name] = json!([value]);
        let event = Event::read(&event, "").unwrap();
        assert_eq!(event.token(), Ok("a.b.c"));
        assert!(!format!("{event:?}").contains("a.b.c"));
    }
}

#[test]
fn anything_else_is_no_bearer() {
    let one = |value: Value| json!({"headers": {"Authorization": value}});
    let several = |values: Value| json!({"multiValueHeaders": values});
    let table = [
        json!({"headers": null, "multiValueHeaders": null}),
        json!({"headers": "Authorization: Bearer a", "multiValueHeaders": 7}),
        one(json!("")),
        one(json!("Bearer")),
        one(json!("a.b.c")),
        one(json!("Basic a.b.c")),
        one(json!(["Bearer a", "Bearer b"])),
        one(json!({"Bearer": "a"})),
        json!({"headers": {"X-Authorization": "Bearer a"}}),
        json!({"headers": {"Authorization": "Bearer a", "authorization": "Bearer a"}}),
        several(json!({"Authorization": ["Bearer a", "Bearer a"]})),
        several(json!({"Authorization": ["Bearer a", 7]})),
        several(json!({"Authorization": ["Bearer a"], "authorization": ["Bearer b"]})),
        json!({"authorizationToken": "Bearer a"}),
    ];
    for changes in table {
        let mut event = fixture(EventKind::Rest);
        for (key, value) in changes.as_object().unwrap() {
            event[key] = value.clone();
        }
        let missing = Failure::Unauthorized(UnauthorizedReason::Missing);
        assert_eq!(
            Event::read(&event, "").unwrap().token(),
            Err(missing),
            "{changes}"
        );
    }
    let mut bare = fixture(EventKind::Token);
    bare["authorizationToken"] = "a.b.c".into();
    assert!(Event::read(&bare, "").unwrap().token().is_err());
}

#[test]
fn other_events_are_refused_and_quote_nothing() {
    let with = |kind, key: &str, value: Value| {
        let mut event = fixture(kind);
        event[key] = value;
        event
    };
    let socket = "arn:aws:execute-api:us-east-1:1:abcdef1234/test/$connect";
    let table = [
        Value::Null,
        json!([]),
        json!("secret"),
        json!({"type": "TOKEN"}),
        with(EventKind::Rest, "type", json!("secret")),
        with(EventKind::Rest, "version", json!("3.0")),
        with(EventKind::Rest, "version", json!(2.0)),
        with(EventKind::Rest, "version", Value::Null),
        with(EventKind::Rest, "methodArn", json!(socket)),
        with(EventKind::Rest, "methodArn", Value::Null),
        with(EventKind::Rest, "httpMethod", json!("GET")),
        with(EventKind::Rest, "httpMethod", json!(["POST"])),
        with(EventKind::Rest, "path", Value::Null),
        with(EventKind::Token, "version", json!("1.0")),
        with(EventKind::Token, "methodArn", json!("*")),
        with(EventKind::Http1, "path", json!(7)),
        with(EventKind::Http2, "rawPath", json!({})),
        with(EventKind::Http2, "routeArn", Value::Null),
        with(EventKind::Http2, "requestContext", Value::Null),
    ];
    for event in table {
        let failure = Event::read(&event, "").unwrap_err();
        assert_eq!(failure, Failure::Event, "{event}");
        assert_ne!(failure.to_string(), "Unauthorized");
        assert!(!format!("{failure} {failure:?}").contains("secret"));
    }
}

/// Every value of every event in turn, replaced by everything it could be.
#[test]
fn no_event_is_the_end() {
    let deep = (0..100).fold(Value::Null, |inner, _| json!([inner]));
    let others = [
        Value::Null,
        json!(true),
        json!(-1.5),
        json!(""),
        json!("é%/\u{0}"),
        json!([[]]),
        json!({"": {}}),
        deep,
    ];
    for kind in KINDS {
        for pointer in pointers(&fixture(kind), String::new()) {
            for other in &others {
                let mut event = fixture(kind);
                *event.pointer_mut(&pointer).unwrap() = other.clone();
                if let Ok(event) = Event::read(&event, "base") {
                    assert!(event.token().is_err(), "{pointer} {other}");
                }
            }
        }
    }
}

fn pointers(value: &Value, at: String) -> Vec<String> {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let below: Vec<String> = match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| pointers(value, format!("{at}/{}", escape(key))))
            .collect(),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .flat_map(|(index, value)| pointers(value, format!("{at}/{index}")))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    below.into_iter().chain([at]).collect()
}
