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

/// Documents, and what is wrong with them.
const DOCUMENTS: &str = r#"
=> is not JSON: EOF
[] => has an invalid type: sequence, expected an object
{} => `rules` is missing
{"rule": []} => `rule` is not a known key, expected `rules`
{"rules": {}} => `rules` has an invalid type: map, expected a sequence
{"rules": [["a", ["g"], "everything"]]} => `rules[0]` has an invalid type: sequence, expected an object
{"rules": []} => `rules` is empty: nobody could do anything
{"rules": [1]} => `rules[0]` has an invalid type: integer `1`, expected an object
{"rules": [{}]} => `rules[0].name` is missing
{"rules": [{"name": "a", "groups": [], "allow": "everything"}]} => `rules[0].groups` is empty: the rule would be for nobody
{"rules": [{"name": "a", "groups": ["g", " h"], "allow": "everything"}]} => `rules[0].groups[1]` is empty, or has spaces around it
{"rules": [{"name": "a", "groups": ["g"], "allow": "everything"}, {"name": "a", "groups": ["h"], "allow": "everything"}]} => `rules[1].name` is the name of another rule, too
"#;

/// The rest of a rule that has a name and a group, and what is wrong with it.
const RULES: &str = r#"
"allow": {"runs": ["read"], "runs": ["write"]} => is not JSON: `runs` is there twice
"allow": {"runs": ["read"]}, "models": null => `rules[0].models` has an invalid type: null, expected a sequence
"allow": {} => `rules[0].allow` is empty: it allows nothing
"allow": "all" => `rules[0].allow` must be "everything", or
"allow": {"runz": []} => `rules[0].allow.runz` is no area
"allow": {"runs": "read"} => `rules[0].allow.runs` has an invalid type: string "read", expected a sequence
"allow": {"runs": []} => `rules[0].allow.runs` is empty: it allows nothing
"allow": {"runs": ["read", "delete"]} => `rules[0].allow.runs[1]` must be "read", "write" or "manage"
"allow": {"runs": ["read"]}, "model": [] => `rules[0].model` is not
"allow": {"runs": ["read"]}, "models": ["a"] => `rules[0].allow.runs` cannot be limited so: `experiments` limit experiments, runs, artifacts, logged-models, traces, datasets, scorers, reviews, issues; `models` limit registered-models; `workspaces` limit all but assistant, users and server. Give it in a rule of its own
"allow": {"*": ["read"]}, "models": ["a"] => `rules[0].allow.*` cannot be limited so
"allow": {"registered-models": ["read"]}, "experiments": ["a"] => `rules[0].allow.registered-models` cannot be limited so
"allow": {"server": ["read"]}, "workspaces": ["a"] => `rules[0].allow.server` cannot be limited so
"allow": "everything", "models": ["a"] => `rules[0].allow` is "everything", which cannot be limited
"allow": {"runs": ["read"]}, "experiments": [{"tag": "", "value": "a"}] => `rules[0].experiments[0]` has an empty `tag`
"allow": {"runs": ["read"]}, "experiments": [{"tags": "a"}] => `rules[0].experiments[0]` must be a name
"allow": {"runs": ["read"]}, "workspaces": [{"tag": "a", "value": "b"}] => `rules[0].workspaces` takes names only
"allow": {"registered-models": ["read"]}, "models": ["a*b"] => `rules[0].models[0]` has `*` elsewhere than at its end
"allow": {"registered-models": ["read"]}, "models": ["*"] => `rules[0].models[0]` is empty: give a name
"allow": {"registered-models": ["read"]}, "models": [] => `rules[0].models` is empty: leave it out
"#;

#[test]
fn a_refusal_names_the_place() {
    refuse(DOCUMENTS, ToOwned::to_owned);
    refuse(RULES, |rest| {
        format!(r#"{{"rules": [{{"name": "a", "groups": ["g"], {rest}}}]}}"#)
    });
}

fn refuse(table: &str, document: impl Fn(&str) -> String) {
    for row in table.trim().lines() {
        let (text, expected) = row.split_once("=> ").unwrap();
        let error = Policy::parse(&document(text)).unwrap_err().to_string();
        let said = error
            .trim_start_matches("the policy")
            .trim_start_matches("'s");
        assert!(said.trim_start().starts_with(expected), "{row}: {error}");
    }
}
