use super::*;
use crate::policy::{Access, Area, Rule, endpoints::tests::sample};

#[test]
fn grants_cover_what_the_policy_allows_and_nothing_else() {
    let access = |name: &str, access| Rule::new(name, &["team"], Rights::everywhere(access));
    let tracking = Rights::default()
        .and(Area::Runs, Access::Write)
        .and(Area::Artifacts, Access::Read)
        .and(Area::Users, Access::Manage);
    let policies = [
        (Policy::built_in(), "readers"),
        (Policy::built_in(), "model-approvers"),
        (Policy::built_in(), "admins"),
        (Policy::built_in(), "nobody"),
        (Policy::new(vec![access("a", Access::Write)]), "team"),
        (Policy::new(vec![access("a", Access::Manage)]), "team"),
        (
            Policy::new(vec![Rule::new("a", &["team"], tracking)]),
            "team",
        ),
    ];
    for (policy, group) in policies {
        let groups = [group.to_owned()];
        let granted = grants(&policy, &groups, &["api"], true);
        for endpoint in endpoints::all() {
            let path = sample(endpoint).canonical();
            let request = crate::policy::Request::read(endpoint.method, &path).unwrap();
            let allowed = policy.allowing(&groups, &request).is_some();
            let covered = granted
                .iter()
                .any(|grant| covers(grant, endpoint.method, &path));
            assert_eq!(covered, allowed, "{group}: {} {path}", endpoint.method);
        }
    }
}

#[test]
fn graphql_is_granted_to_whoever_may_read_all_that_it_shows() {
    let graphql = |group: &str| {
        let granted = grants(&Policy::built_in(), &[group.to_owned()], &[], true);
        granted
            .iter()
            .any(|grant| covers(grant, "POST", "/graphql"))
    };
    assert_eq!(["readers", "nobody"].map(graphql), [true, false]);
}

#[test]
fn what_is_known_by_name_only_is_not_granted() {
    let text = r#"{"rules": [{"name": "a", "groups": ["g"], "models": ["a*"],
                              "allow": {"registered-models": ["read"]}}]}"#;
    let policy = Policy::parse(text).unwrap();
    assert_eq!(grants(&policy, &["g".to_owned()], &["api"], true), []);
}

/// As API Gateway and IAM match: `*` is any text.
fn covers(grant: &Grant, method: &str, path: &str) -> bool {
    let path = path.trim_start_matches('/');
    (grant.method == "*" || grant.method == method) && matches(&grant.path, path)
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest
                .char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()]);
            ends.any(|end| matches(after, &rest[end..]))
        }),
    }
}
