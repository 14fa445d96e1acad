//! Answers for all of a user's requests, matched as API Gateway matches.

use shell_core::policy::{
    Request,
    endpoints::{self, Endpoint},
};

use super::*;

const USER: ResponseFormat = ResponseFormat {
    scope: Scope::User,
    simple: false,
    limit: crate::response::LARGEST,
};

const AMPLE: ResponseFormat = ResponseFormat {
    limit: 64 * 1024,
    ..USER
};

#[test]
fn a_users_rights_are_one_answer() {
    let answer = ask(&["readers"], "GET /mlflow/version", USER);

    assert_eq!(answer["context"]["rule"], "reading");
    assert_eq!(answer["context"].get("operation"), None);
    let statements = answer["policyDocument"]["Statement"].as_array().unwrap();
    let effects: Vec<_> = statements.iter().map(|it| &it["Effect"]).collect();
    assert_eq!(effects, ["Allow", "Deny"]);
    let allowed = statements[0]["Resource"].as_array().unwrap();
    let search =
        "arn:aws:execute-api:*:*:abcdef1234/prod/POST/mlflow/ajax-api/2.0/mlflow/runs/search";
    assert!(allowed.contains(&json!(search)), "{allowed:?}");
}

#[test]
fn who_is_in_no_group_may_call_nothing() {
    let statement = &ask(&["others"], SEARCH, USER)["policyDocument"]["Statement"];
    let all = "arn:aws:execute-api:*:*:abcdef1234/prod/*/*";
    let expected = json!([{ "Action": "execute-api:Invoke", "Effect": "Deny", "Resource": [all] }]);
    assert_eq!(*statement, expected);
}

#[test]
fn the_built_in_groups_fit_where_the_sample_has_mlflow() {
    for group in ["readers", "model-approvers", "admins"] {
        let answer = ask(&[group], "GET /", USER);
        assert_eq!(answer["context"].get("operation"), None, "{group}");
        assert!(answer.to_string().len() <= USER.limit, "{group}");
        let both = ask(&[group], "GET /", AMPLE);
        assert!(
            covers(&answer, "GET/ajax-api/2.0/mlflow/runs/get"),
            "{group}"
        );
        assert!(covers(&both, "GET/api/2.0/mlflow/runs/get"), "{group}");
    }
}

#[test]
fn what_does_not_fit_is_answered_request_by_request() {
    let groups: Vec<String> = (0..200)
        .map(|index| format!("group-{index}-{}", "x".repeat(40)))
        .collect();
    let mut groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    groups.push("readers");
    let answer = ask(&groups, SEARCH, USER);

    assert_eq!(
        answer["policyDocument"]["Statement"][0]["Resource"],
        json!([ARN])
    );
    assert_eq!(answer["context"]["rule"], "reading");
}

#[test]
fn a_document_allows_what_the_policy_does_and_no_more() {
    let places = ["", "/mlflow", "/mlflow/@dev"];
    for group in ["readers", "model-approvers", "admins", "others"] {
        for before in places {
            let document = ask(&[group], &format!("GET {before}/"), AMPLE);
            for endpoint in endpoints::all() {
                for path in paths(endpoint) {
                    let line = format!("{}{before}{path}", endpoint.method);
                    let allowed = may(group, endpoint, &path);
                    assert_eq!(covers(&document, &line), allowed, "{group} {line}");
                }
            }
        }
    }
}

#[test]
fn what_is_left_out_for_want_of_room_is_denied() {
    let document = ask(&["readers"], "GET /", USER);
    for endpoint in endpoints::all() {
        for path in paths(endpoint) {
            let line = format!("{}{path}", endpoint.method);
            let fits = !path.starts_with("/api/");
            let expected = fits && may("readers", endpoint, &path);
            assert_eq!(covers(&document, &line), expected, "{line}");
        }
    }
}

/// Paths to endpoints, in clothes that a `*` might let through.
#[test]
fn no_disguise_is_allowed() {
    for group in ["readers", "model-approvers"] {
        let document = ask(&[group], "GET /", AMPLE);
        for endpoint in endpoints::all() {
            for path in paths(endpoint) {
                if may(group, endpoint, &path) {
                    continue;
                }
                for disguise in disguises(&path) {
                    let line = format!("{}{disguise}", endpoint.method);
                    assert!(!covers(&document, &line), "{group}: {line}");
                }
            }
        }
    }
}

/// Should a wildcard reach beyond colons, a path could end like another's ARN.
#[test]
fn no_arn_hides_in_a_path() {
    let document = ask(&["readers"], "GET /", AMPLE);
    let statements = document["policyDocument"]["Statement"].as_array().unwrap();
    let denied = statements[1]["Resource"].as_array().unwrap();
    let arn = "arn:aws:execute-api:eu-central-1:1:abcdef1234/prod/PUT/api/2.0/mlflow-artifacts\
               /artifacts/x:abcdef1234/prod/GET/version";
    let mut denied = denied.iter().filter_map(Value::as_str);
    assert!(denied.any(|pattern| matches(pattern.as_bytes(), arn.as_bytes())));
}

fn disguises(path: &str) -> Vec<String> {
    let harmless = [
        "/static-files/a",
        "/ajax-api/2.0/mlflow-artifacts/artifacts/a",
        "/ajax-api/3.0/mlflow/traces/a",
        "/ajax-api/2.0/mlflow/model-versions/a",
    ];
    let climbs = ["/..", "/%2e%2e", "/%2E%2e", "/.%2e", "/%252e%252e", "/./.."];
    let climbing = harmless.iter().flat_map(|harmless| {
        let ways = climbs
            .iter()
            .map(|way| way.repeat(harmless.split('/').count() - 1));
        ways.map(move |way| format!("{harmless}{way}{path}"))
    });
    let (parent, last) = path.rsplit_once('/').unwrap_or_default();
    let first = last.bytes().next().unwrap_or(b'a');
    let escaped = format!("{parent}/%{first:02x}{}", last.get(1..).unwrap_or_default());
    climbing
        .chain(harmless.iter().map(|harmless| {
            let slashes = "..%2f".repeat(harmless.split('/').count() - 1);
            [harmless, "/", &slashes, &path.replace('/', "%2F")].concat()
        }))
        .chain([
            escaped,
            path.replacen('/', "//", 1),
            ["/.", path].concat(),
            ["/mlflow/..", path].concat(),
            ["/mlflow", path].concat(),
            format!("{parent}%2F{last}"),
        ])
        .collect()
}

/// Whether the policy allows it.
fn may(group: &str, endpoint: &Endpoint, path: &str) -> bool {
    let request = Request::read(endpoint.method, path).unwrap();
    let groups = [group.to_owned()];
    Policy::built_in().allowing(&groups, &request).is_some()
}

/// Where an endpoint is found.
fn paths(endpoint: &Endpoint) -> Vec<String> {
    let segments = endpoint.path.split('/').map(|segment| {
        let is_name = segment.starts_with('{');
        if is_name { "x1" } else { segment }
    });
    let path = segments.collect::<Vec<_>>().join("/");
    if endpoint.is_api {
        ["ajax-api", "api"]
            .map(|prefix| format!("/{prefix}/{path}"))
            .into()
    } else {
        vec![["/", &path].concat()]
    }
}

/// Whether API Gateway lets `METHOD/path` through.
fn covers(answer: &Value, line: &str) -> bool {
    let statements = answer["policyDocument"]["Statement"].as_array().unwrap();
    let matching = statements.iter().filter(|statement| {
        let resources = statement["Resource"].as_array().unwrap();
        let mut resources = resources.iter().filter_map(Value::as_str);
        let stage = "arn:aws:execute-api:*:*:abcdef1234/prod/";
        resources.any(|pattern| {
            let pattern = pattern.strip_prefix(stage).unwrap();
            matches(pattern.as_bytes(), line.as_bytes())
        })
    });
    let effects: Vec<_> = matching.map(|statement| &statement["Effect"]).collect();
    effects.contains(&&json!("Allow")) && !effects.contains(&&json!("Deny"))
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([b'*', rest @ ..], _) => {
            matches(rest, text)
                || text
                    .split_first()
                    .is_some_and(|(_, text)| matches(pattern, text))
        }
        ([b'?', pattern @ ..], [_, text @ ..]) => matches(pattern, text),
        ([one, pattern @ ..], [other, text @ ..]) => one == other && matches(pattern, text),
        ([], []) => true,
        _ => false,
    }
}
