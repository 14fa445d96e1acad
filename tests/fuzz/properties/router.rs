//! A request is what its endpoint says, and nobody may do more than a policy
//! says.

use std::sync::LazyLock;

use serde_json::Value;
use shell_core::json;
use shell_core::policy::{
    Access, Area, EntityKind, Operation, Pattern, Policy, Presence, Request,
    endpoints::{About, Endpoint},
};

static BUILT_IN: LazyLock<Policy> = LazyLock::new(Policy::built_in);

/// `fraud` may do anything with what is called so, and nothing else.
static LIMITED: LazyLock<Policy> = LazyLock::new(|| {
    let text = r#"{"rules": [{"name": "fraud", "groups": ["fraud"],
        "allow": {"experiments": ["read", "write", "manage"],
                  "registered-models": ["read", "write", "manage"]},
        "experiments": ["fraud-*"], "models": ["fraud-*"]}]}"#;
    Policy::parse(text).expect("a policy")
});

/// The input is a method, a space and a path with its query; on the next line,
/// if there is one, the body.
///
/// # Panics
/// If the property does not hold.
pub fn router(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (line, body) = text.split_once('\n').unwrap_or((text, ""));
    let (method, target) = line.split_once(' ').unwrap_or(("GET", line));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Ok(request) = Request::read(method, path) else {
        return;
    };
    is_what_it_does(method, &request);
    is_the_same_in_its_one_spelling(method, &request);
    is_for_who_may(&request);

    let request = request.with_query(query);
    let request = match json::parse(body) {
        Ok(body) => request.with_body(&body),
        Err(_) => request,
    };
    is_for_who_may(&request);
    is_within_limits(&request, query, body);
    is_for_who_may(&request.with_fields(body.split_whitespace()));
}

fn is_what_it_does(method: &str, request: &Request) {
    let Operation::Endpoint(endpoint) = request.operation() else {
        return;
    };
    let is_head = method == "HEAD" && endpoint.method == "GET";
    assert!(is_head || endpoint.method == method, "{request:?}");
    let segments: Vec<&str> = request
        .path()
        .segments()
        .iter()
        .map(String::as_str)
        .collect();
    let template: Vec<&str> = endpoint.path.split('/').collect();
    assert!(
        fits(&template, &below_api(endpoint, &segments)),
        "{request:?}"
    );
    let is_folder = request.path().canonical().ends_with('/') && !segments.is_empty();
    let ends = endpoint.path.ends_with('/') || endpoint.path.ends_with("*}");
    assert!(!is_folder || ends, "{request:?}");

    let parameters = request.parameters();
    let names = template.iter().filter(|part| part.starts_with('{'));
    assert_eq!(names.count(), parameters.len(), "{request:?}");
    let joined = segments.join("/");
    for (_, value) in parameters {
        assert!(!value.is_empty() && joined.contains(&value), "{request:?}");
    }
}

/// The path without the two prefixes of the API, and without MLflow 1's third.
fn below_api<'a>(endpoint: &Endpoint, segments: &[&'a str]) -> Vec<&'a str> {
    if !endpoint.is_api {
        return segments.to_vec();
    }
    assert!(matches!(segments[0], "api" | "ajax-api"), "{segments:?}");
    let mut below = segments[1..].to_vec();
    if below.starts_with(&["2.0", "preview", "mlflow"]) {
        below.remove(1);
    }
    below
}

fn fits(template: &[&str], segments: &[&str]) -> bool {
    let Some((part, rest)) = template.split_first() else {
        return segments.is_empty();
    };
    match *part {
        "" => fits(rest, segments),
        many if many.ends_with("*}") => {
            (1..=segments.len()).any(|end| fits(rest, &segments[end..]))
        }
        one if one.starts_with('{') => !segments.is_empty() && fits(rest, &segments[1..]),
        literal => segments.first() == Some(&literal) && fits(rest, &segments[1..]),
    }
}

fn is_the_same_in_its_one_spelling(method: &str, request: &Request) {
    let again = Request::read(method, &request.path().canonical());
    assert_eq!(again.as_ref(), Ok(request));
}

fn is_for_who_may(request: &Request) {
    let may = |group: &str| BUILT_IN.allowing(&[group.to_owned()], request).is_some();
    let demands = request.operation().demands();
    let all =
        |allowed: fn(&(Area, Access)) -> bool| !demands.is_empty() && demands.iter().all(allowed);
    let reads = all(|(_, access)| *access == Access::Read);
    let approves = all(|demand| {
        demand.1 == Access::Read || *demand == (Area::RegisteredModels, Access::Write)
    });
    assert_eq!(may("readers"), reads, "{request:?}");
    assert_eq!(may("model-approvers"), approves, "{request:?}");
    assert!(may("admins"), "{request:?}");
    assert!(!may("Admins") && !may(""), "{request:?}");
    if reads {
        assert_eq!(request.operation().access(), Access::Read);
    }
}

/// What is allowed for a name carries that name, as Python's JSON reads it; what
/// lists everything is filtered.
fn is_within_limits(request: &Request, query: &str, body: &str) {
    let Some(allowance) = LIMITED.allowing(&["fraud".to_owned()], request) else {
        return;
    };
    let Operation::Endpoint(endpoint) = request.operation() else {
        panic!("{request:?} carries no names");
    };
    let is_list = matches!(endpoint.about, About::List(_));
    assert_eq!(allowance.filter.is_some(), is_list, "{request:?}");
    assert!(is_list || !request.references().is_empty(), "{request:?}");
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let pattern = Pattern::Prefix("fraud-".to_owned());
    for name in endpoint.about.parameters() {
        if name.presence != Presence::Once {
            continue;
        }
        // Nothing has been looked up.
        assert!(matches!(
            name.kind,
            EntityKind::ExperimentName | EntityKind::RegisteredModel
        ));
        let said = if endpoint.method == "GET" {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let values = pairs.filter(|(key, _)| key == name.key);
            values.map(|(_, value)| value.into_owned()).collect()
        } else {
            vec![body[name.key].as_str().unwrap_or_default().to_owned()]
        };
        assert!(!said.is_empty(), "{request:?}");
        assert!(
            said.iter().all(|said| pattern.covers_name(said)),
            "{request:?} {said:?}"
        );
    }
}
