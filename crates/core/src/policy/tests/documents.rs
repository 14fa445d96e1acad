use super::*;

#[test]
fn the_built_in_policy_can_be_written_as_a_document() {
    let text = r#"{"rules": [
        {"name": "administration", "groups": ["admins"], "allow": "everything"},
        {"name": "reading", "groups": ["readers", "model-approvers"], "allow": {"*": ["read"]}},
        {"name": "model-approval", "groups": ["model-approvers"],
         "allow": {"registered-models": ["write"]}}
    ]}"#;
    assert_eq!(Policy::parse(text), Ok(Policy::built_in()));
}

#[test]
fn a_refusal_names_the_place() {
    let rule = |rest: &str| format!(r#"{{"rules": [{{"name": "a", "groups": ["g"], {rest}}}]}}"#);
    let table = [
        ("", "is not JSON: "),
        ("[]", "has an invalid type: sequence, expected an object"),
        ("{}", "`rules` is missing"),
        (
            r#"{"rule": []}"#,
            "`rule` is not a known key, expected `rules`",
        ),
        (
            r#"{"rules": {}}"#,
            "`rules` has an invalid type: map, expected a sequence",
        ),
        (
            r#"{"rules": [["a", ["g"], "everything"]]}"#,
            "`rules[0]` has an invalid type: sequence, expected an object",
        ),
        (
            &rule(r#""allow": {"runs": ["read"], "runs": ["write"]}"#),
            "`rules[0].allow.runs` is there twice",
        ),
        (
            &rule(r#""allow": {"runs": ["read"]}, "models": null"#),
            "`rules[0].models` has an invalid type: null, expected a sequence",
        ),
        (
            r#"{"rules": []}"#,
            "`rules` is empty: nobody could do anything",
        ),
        (
            r#"{"rules": [1]}"#,
            "`rules[0]` has an invalid type: integer `1`, expected an object",
        ),
        (r#"{"rules": [{}]}"#, "`rules[0].name` is missing"),
        (
            &rule(r#""allow": {}"#),
            "`rules[0].allow` is empty: it allows nothing",
        ),
        (
            &rule(r#""allow": "all""#),
            "`rules[0].allow` must be \"everything\", or",
        ),
        (
            &rule(r#""allow": {"runz": ["read"]}"#),
            "`rules[0].allow.runz` is no area",
        ),
        (
            &rule(r#""allow": {"runs": "read"}"#),
            "`rules[0].allow.runs` has an invalid type: string \"read\", expected a sequence",
        ),
        (
            &rule(r#""allow": {"runs": []}"#),
            "`rules[0].allow.runs` is empty: it allows nothing",
        ),
        (
            &rule(r#""allow": {"runs": ["read", "delete"]}"#),
            "`rules[0].allow.runs[1]` must be \"read\", \"write\" or \"manage\"",
        ),
        (
            &rule(r#""allow": {"runs": ["read"]}, "model": []"#),
            "`rules[0].model` is not",
        ),
        (
            &rule(r#""allow": {"runs": ["read"]}, "models": ["a"]"#),
            "`rules[0].allow.runs` cannot be limited to these names",
        ),
        (
            &rule(r#""allow": {"*": ["read"]}, "models": ["a"]"#),
            "`rules[0].allow.*` cannot be limited to these names",
        ),
        (
            &rule(r#""allow": {"registered-models": ["read"]}, "experiments": ["a"]"#),
            "`rules[0].allow.registered-models` cannot be limited to these names",
        ),
        (
            &rule(r#""allow": "everything", "models": ["a"]"#),
            "`rules[0].allow` is \"everything\", which cannot be limited",
        ),
        (
            &rule(r#""allow": {"registered-models": ["read"]}, "models": ["a*b"]"#),
            "`rules[0].models[0]` has `*` elsewhere than at its end",
        ),
        (
            &rule(r#""allow": {"registered-models": ["read"]}, "models": ["*"]"#),
            "`rules[0].models[0]` is empty: give a name",
        ),
        (
            &rule(r#""allow": {"registered-models": ["read"]}, "models": []"#),
            "`rules[0].models` is empty: leave it out",
        ),
        (
            r#"{"rules": [{"name": "a", "groups": [], "allow": "everything"}]}"#,
            "`rules[0].groups` is empty: the rule would be for nobody",
        ),
        (
            r#"{"rules": [{"name": "a", "groups": ["g", " h"], "allow": "everything"}]}"#,
            "`rules[0].groups[1]` is empty, or has spaces around it",
        ),
        (
            r#"{"rules": [{"name": "a", "groups": ["g"], "allow": "everything"},
                          {"name": "a", "groups": ["h"], "allow": "everything"}]}"#,
            "`rules[1].name` is the name of another rule, too",
        ),
    ];
    for (text, expected) in table {
        let error = Policy::parse(text).unwrap_err().to_string();
        let said = error
            .trim_start_matches("the policy")
            .trim_start_matches("'s");
        assert!(said.trim_start().starts_with(expected), "{text}: {error}");
    }
}
