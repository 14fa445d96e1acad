use serde_json::{Value, json};

use super::*;
use crate::{
    judge,
    testing::{claims, event, fixture},
};

mod documents;

const SEARCH: &str = "POST /ajax-api/2.0/mlflow/runs/search";
const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/POST/ajax-api/2.0/mlflow/runs/search";

#[test]
fn an_answer_is_for_the_method_that_was_asked_for() {
    let expected = |effect: &str, groups: &str, rule: Option<&str>| {
        let mut expected = json!({
            "principalId": "user-1",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Action": "execute-api:Invoke", "Effect": effect, "Resource": [ARN],
                }],
            },
            "context": {
                "user": "a@example.com", "groups": groups, "operation": "2.0/mlflow/runs/search",
            },
        });
        if let Some(rule) = rule {
            expected["context"]["rule"] = rule.into();
        }
        expected
    };
    let both = ["pool_Google", "readers"];
    assert_eq!(
        ask(&both, SEARCH, ResponseFormat::default()),
        expected("Allow", "pool_Google readers", Some("reading"))
    );
    // The user is known: signing in again would not help.
    for groups in [&[][..], &["pool_Google"], &["Readers"]] {
        let denied = expected("Deny", &groups.join(" "), None);
        assert_eq!(ask(groups, SEARCH, ResponseFormat::default()), denied);
    }
}

#[test]
fn what_no_resource_can_say_is_denied() {
    let long = format!(
        "GET /api/2.0/mlflow-artifacts/artifacts/{}",
        "a".repeat(512)
    );
    let pattern = "GET /api/2.0/mlflow-artifacts/artifacts/*";
    for line in [&long, pattern] {
        let answer = ask(&["admins"], line, ResponseFormat::default());
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Deny", "{line}");
        let all = "arn:aws:execute-api:*:*:abcdef1234/prod/*/*";
        assert_eq!(statement["Resource"], json!([all]), "{line}");
    }
}

#[test]
fn simple_answers_are_for_the_format_that_knows_them() {
    let simple = ResponseFormat {
        simple: true,
        ..ResponseFormat::default()
    };
    let answer = |kind, groups: &[&str], form| {
        let event = Event::read(&fixture(kind), "").unwrap();
        answered(&event, groups, form)
    };
    let yes = json!({
        "isAuthorized": true,
        "context": {
            "user": "a@example.com", "groups": "readers", "rule": "reading",
            "operation": "2.0/mlflow/runs/search",
        },
    });
    assert_eq!(answer(EventKind::Http2, &["readers"], simple), yes);
    let no = answer(EventKind::Http2, &["others"], simple);
    assert_eq!(
        (&no["isAuthorized"], &no["context"]["rule"]),
        (&json!(false), &Value::Null)
    );
    for kind in [EventKind::Token, EventKind::Rest, EventKind::Http1] {
        assert!(answer(kind, &["readers"], simple)["policyDocument"].is_object());
    }
    let plain = answer(EventKind::Http2, &["readers"], ResponseFormat::default());
    assert!(plain["policyDocument"].is_object());
}

#[test]
fn context_is_text_that_templates_may_quote() {
    let table = [
        (vec!["readers", "a,b"], "readers a,b"),
        (vec!["readers", "a b"], "readers a\\u0020b"),
        (vec![r#"","admin":""#], r#"\",\"admin\":\""#),
        (vec!["a\\", "b\r\nX: y"], r"a\\ b\u000d\u000aX:\u0020y"),
        (vec!["équipe", "😀"], r"\u00e9quipe \ud83d\ude00"),
    ];
    for (groups, expected) in table {
        let answer = ask(&groups, SEARCH, ResponseFormat::default());
        assert_eq!(answer["context"]["groups"], expected);
        let quoted: Value = serde_json::from_str(&format!("\"{expected}\"")).unwrap();
        assert!(quoted.is_string());
        let mut context = answer["context"].as_object().unwrap().values();
        assert!(context.all(Value::is_string));
    }
}

fn ask(groups: &[&str], line: &str, form: ResponseFormat) -> Value {
    answered(&event(line), groups, form)
}

fn answered(event: &Event, groups: &[&str], form: ResponseFormat) -> Value {
    let (policy, claims) = (Policy::built_in(), claims(groups));
    let verdict = judge(&policy, &claims, event);
    serde_json::to_value(crate::respond(event, &claims, &policy, &verdict, form)).unwrap()
}
