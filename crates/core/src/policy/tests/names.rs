use super::*;

const POLICY: &str = r#"{"rules": [
    {"name": "reading", "groups": ["fraud", "lab"], "allow": {"*": ["read"]}},
    {"name": "fraud-models", "groups": ["fraud"], "models": ["fraud-*", "score"],
     "allow": {"registered-models": ["write", "manage"]}},
    {"name": "lab-experiments", "groups": ["lab"], "experiments": ["/lab/*"],
     "allow": {"experiments": ["write"]}}
]}"#;

#[test]
fn a_limited_rule_covers_the_names_that_a_body_carries() {
    let (tag, rename) = ("registered-models/set-tag", "registered-models/rename");
    let create = "experiments/create";
    let table = [
        ("fraud", tag, r#"{"name": "fraud-1"}"#, true),
        ("fraud", tag, r#"{"name": "score"}"#, true),
        ("fraud", tag, r#"{"name": "score2"}"#, false),
        ("fraud", tag, r#"{"name": "FRAUD-1"}"#, false),
        ("fraud", tag, r#"{"name": 5}"#, false),
        ("fraud", tag, r#"{"Name": "fraud-1"}"#, false),
        ("fraud", tag, r#"{"name": "fraud-1", "NAME": "x"}"#, false),
        ("fraud", tag, r#""{\"name\": \"fraud-1\"}""#, false),
        ("fraud", tag, r#"[{"name": "fraud-1"}]"#, false),
        ("fraud", tag, "{}", false),
        (
            "fraud",
            rename,
            r#"{"name": "fraud-1", "new_name": "fraud-2"}"#,
            true,
        ),
        (
            "fraud",
            rename,
            r#"{"name": "fraud-1", "new_name": "other"}"#,
            false,
        ),
        (
            "fraud",
            rename,
            r#"{"name": "other", "new_name": "fraud-2"}"#,
            false,
        ),
        ("fraud", rename, r#"{"name": "fraud-1"}"#, false),
        // MLflow 2 takes the later of both spellings.
        (
            "fraud",
            rename,
            r#"{"name": "fraud-1", "new_name": "fraud-2", "newName": "other"}"#,
            false,
        ),
        ("lab", create, r#"{"name": "/lab/a"}"#, true),
        ("lab", create, r#"{"name": "/other"}"#, false),
        ("lab", tag, r#"{"name": "/lab/a"}"#, false),
        // The experiment is given by its id, and what it is called is not known here.
        (
            "lab",
            "experiments/update",
            r#"{"experiment_id": "1", "new_name": "/lab/a"}"#,
            false,
        ),
    ];
    let policy = Policy::parse(POLICY).unwrap();
    for (group, endpoint, body, allowed) in table {
        let request = read_request(&format!("POST /api/2.0/mlflow/{endpoint}"));
        let verdict = policy.decide(&claims(&[group]), &request);
        assert!(verdict.is_err(), "a body that is not seen carries nothing");

        let request = request.with_body(&serde_json::from_str(body).unwrap());
        let verdict = policy.decide(&claims(&[group]), &request);
        assert_eq!(verdict.is_ok(), allowed, "{group} {endpoint} {body}");
    }
}

#[test]
fn a_limited_rule_covers_the_name_that_a_query_carries_once() {
    let text = POLICY.replace(r#"{"*": ["read"]}"#, r#"{"server": ["read"]}"#);
    let text = text.replace(r#"["write", "manage"]"#, r#"["read"]"#);
    let policy = Policy::parse(&text).unwrap();
    let table = [
        ("registered-models/get?name=fraud-1", true),
        ("registered-models/get?n%61me=fraud%2D1&x=1", true),
        ("registered-models/get?name=other", false),
        ("registered-models/get?name=fraud-1&name=other", false),
        ("registered-models/get", false),
        // It lists all of them, of which the user gets some.
        ("registered-models/search?name=other", true),
    ];
    for (request, allowed) in table {
        let request = read_request(&format!("GET /ajax-api/2.0/mlflow/{request}"));
        let verdict = policy.decide(&claims(&["fraud"]), &request);
        assert_eq!(verdict.is_ok(), allowed, "{request:?}");
    }
}

#[test]
fn whoever_is_limited_is_told_by_which_rule() {
    let policy = Policy::parse(POLICY).unwrap();
    let request = read_request("DELETE /api/2.0/mlflow/model-versions/delete")
        .with_body(&serde_json::from_str(r#"{"name": "other"}"#).unwrap());
    let denial = policy.decide(&claims(&["fraud"]), &request).unwrap_err();
    assert_eq!(
        denial.message(),
        "The rule `fraud-models` allows a@example.com to do this for certain experiments, models \
         or workspaces only, and this request is about something else (model-versions/delete). No \
         group may."
    );
}
