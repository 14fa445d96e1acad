//! A policy that can be read allows what its text says, and nothing else.

use std::sync::LazyLock;

use serde_json::Value;
use shell_core::{
    Timestamp,
    claims::Claims,
    policy::{
        Access, Area, Grant, Operation, Policy, Request,
        endpoints::{self, Endpoint},
        grants,
    },
};

/// Some of everything, without names: every seventh endpoint, GraphQL, and what
/// nobody knows.
static REQUESTS: LazyLock<Vec<(String, Request)>> = LazyLock::new(|| {
    let lines = endpoints::all().step_by(7).map(sample);
    let others = ["POST /graphql", "GET /metrics", "PATCH /"];
    let request = |line: String| {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let request = Request::read(method, path).expect("a path");
        (line, request)
    };
    let others = others.into_iter().map(ToOwned::to_owned);
    lines.chain(others).map(request).collect()
});

/// The input is a policy.
///
/// # Panics
/// If the property does not hold.
pub fn policy(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let groups = policy.groups();
    assert!(!groups.is_empty() && !policy.roles().is_empty());
    for rule in policy.rules() {
        assert!(!rule.name.is_empty() && !rule.groups.is_empty(), "{rule:?}");
        let is_limited = !rule.limits.is_empty();
        assert!(!is_limited || !rule.allow.is_everything(), "{rule:?}");
    }
    let said: Value = serde_json::from_str(text).expect("what was read is JSON");
    let said = said["rules"]
        .as_array()
        .expect("a policy is a list of rules");
    // No group of a policy is called so: names have no spaces around them.
    allows_what_is_said(&policy, said, " stranger");
    for group in groups.iter().take(4) {
        allows_what_is_said(&policy, said, group);
        grants_what_it_allows(&policy, group);
    }
}

fn allows_what_is_said(policy: &Policy, said: &[Value], group: &str) {
    let of_group = |rule: &&Value| has(&rule["groups"], group);
    let rules: Vec<&Value> = said.iter().filter(of_group).collect();
    let claims = claims(group);
    assert_eq!(policy.admit(&claims).is_ok(), !rules.is_empty(), "{group}");
    for (line, request) in REQUESTS.iter() {
        let demands = request.operation().demands();
        let expected = match demands.as_slice() {
            [] => rules.iter().any(|rule| rule["allow"] == "everything"),
            demands => demands.iter().all(|demand| allow(&rules, *demand)),
        };
        let permit = policy.decide(&claims, request);
        assert_eq!(permit.is_ok(), expected, "{group}: {line}");
        match permit {
            Ok(permit) => assert_eq!(permit.path(), request.path().canonical()),
            Err(denial) => assert!(!denial.to_string().is_empty()),
        }
    }
}

/// Whether one of them allows it, whatever it is about.
fn allow(rules: &[&Value], (area, access): (Area, Access)) -> bool {
    let allows = |rule: &&Value| {
        let allow = &rule["allow"];
        let lists = [&allow["*"], &allow[area.as_str()]];
        let is_listed = lists.iter().any(|list| has(list, access.as_str()));
        let is_limited = rule.get("models").or(rule.get("experiments")).is_some();
        (is_listed || allow == "everything") && !is_limited
    };
    rules.iter().any(allows)
}

fn has(list: &Value, text: &str) -> bool {
    let texts = list.as_array();
    texts.is_some_and(|texts| texts.iter().any(|one| one == text))
}

/// What is granted by pattern is what is allowed request by request.
fn grants_what_it_allows(policy: &Policy, group: &str) {
    let group = [group.to_owned()];
    let grants = grants(policy, &group, &["api", "ajax-api"], true);
    for (line, request) in REQUESTS.iter() {
        if let Operation::Unknown = request.operation() {
            continue;
        }
        let allowed = policy.allowing(&group, request).is_some();
        let granted = grants.iter().any(|grant| covers(grant, line));
        assert_eq!(granted, allowed, "{group:?}: {line}");
    }
}

/// As API Gateway and IAM compare: `*` stands for anything.
fn covers(grant: &Grant, line: &str) -> bool {
    let (method, path) = line.split_once(" /").expect("a method and a path");
    (grant.method == "*" || grant.method == method) && matches(&grant.path, path)
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(end, _)| end).chain([rest.len()]);
            ends.any(|end| matches(after, &rest[end..]))
        }),
    }
}

/// A request that the endpoint is for.
fn sample(endpoint: &Endpoint) -> String {
    let prefix = if endpoint.is_api { "/api/" } else { "/" };
    let segment = |part: &str| match part.strip_prefix('{') {
        Some(name) if name.ends_with("*}") => "x/y".to_owned(),
        Some(_) => "x".to_owned(),
        None => part.to_owned(),
    };
    let segments: Vec<String> = endpoint.path.split('/').map(segment).collect();
    let path = segments.join("/");
    format!("{} {prefix}{path}", endpoint.method)
}

fn claims(group: &str) -> Claims {
    Claims {
        issuer: "https://issuer.example".to_owned(),
        subject: "s".to_owned(),
        name: "a@example.com".to_owned(),
        groups: vec![group.to_owned()],
        groups_error: None,
        issued_at: None,
        expires_at: Timestamp(NEVER),
        nonce: None,
    }
}

const NEVER: u64 = u64::MAX;
