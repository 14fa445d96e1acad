use super::*;

#[test]
fn requests_are_what_mlflow_makes_of_them() {
    use Access::{Manage as M, Read as R, Write as W};
    let table = [
        ("GET /", Some((Area::Server, R))),
        ("HEAD /", Some((Area::Server, R))),
        ("GET /version", Some((Area::Server, R))),
        ("GET /static-files/a/b.js", Some((Area::Server, R))),
        (
            "POST /ajax-api/2.0/mlflow/runs/search",
            Some((Area::Runs, R)),
        ),
        (
            "POST /ajax-api/2.0/preview/mlflow/runs/search",
            Some((Area::Runs, R)),
        ),
        (
            "POST /api/2.0/preview/mlflow/runs/delete",
            Some((Area::Runs, W)),
        ),
        ("GET /get-artifact", Some((Area::Artifacts, R))),
        (
            "PUT /api/2.0/mlflow-artifacts/artifacts/1/a/b.txt",
            Some((Area::Artifacts, W)),
        ),
        (
            "PUT /api/2.0/mlflow-artifacts/artifacts/1/a/",
            Some((Area::Artifacts, W)),
        ),
        (
            "GET /ajax-api/3.0/mlflow/traces/get",
            Some((Area::Traces, R)),
        ),
        (
            "POST /ajax-api/3.0/mlflow/traces/search",
            Some((Area::Traces, R)),
        ),
        ("POST /v1/traces", Some((Area::Traces, W))),
        ("POST /ajax-api/3.0/jobs/", Some((Area::Jobs, W))),
        (
            "POST /ajax-api/3.0/mlflow/issues/invoke",
            Some((Area::Jobs, W)),
        ),
        (
            "PATCH /ajax-api/3.0/mlflow/issues/7",
            Some((Area::Issues, W)),
        ),
        (
            "POST /gateway/gemini/v1beta/models/a:generateContent",
            Some((Area::Gateway, W)),
        ),
        ("GET /api/2.0/mlflow/webhooks", Some((Area::Webhooks, M))),
        (
            "DELETE /api/3.0/mlflow/mcp-servers/io.github/a/tags/b/c",
            Some((Area::McpServers, W)),
        ),
        (
            "GET /api/3.0/mlflow/skills/@org/name/versions/1",
            Some((Area::Skills, R)),
        ),
        (
            "DELETE /api/2.0/mlflow/model-versions/delete",
            Some((Area::RegisteredModels, M)),
        ),
        // What MLflow answers with 404 or 405, and what no version has.
        ("GET /api/2.0/mlflow/runs/create", None),
        ("get /version", None),
        ("post /api/2.0/mlflow/runs/create", None),
        ("GET /API/2.0/mlflow/runs/get", None),
        ("GET /api/2.0/mlflow/runs/get/", None),
        ("GET /api/2.0/mlflow/runs/Get", None),
        ("GET /api/2.0/mlflow/runs/get;x=1", None),
        ("GET /api/2.0/mlflow/runs/ｇet", None),
        ("GET /2.0/mlflow/runs/get", None),
        ("GET /api/version", None),
        ("GET /api/graphql", None),
        ("POST /ajax-api/3.0/jobs", None),
        ("POST /api/preview/2.0/mlflow/runs/search", None),
        ("GET /unheard-of", None),
    ];
    for (line, expected) in table {
        let (method, path) = line.split_once(' ').unwrap();
        let found = match route(method, &CanonicalPath::parse(path).unwrap()) {
            Operation::Endpoint(endpoint) => Some((endpoint.area, endpoint.access)),
            Operation::GraphQl(_) | Operation::Unknown => None,
        };
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn every_row_is_found_by_its_own_path() {
    for endpoint in all() {
        let found = route(endpoint.method, &sample(endpoint));
        let Operation::Endpoint(found) = found else {
            panic!("{endpoint:?}");
        };
        assert_eq!(
            (found.area, found.access),
            (endpoint.area, endpoint.access),
            "{endpoint:?} is taken for {found:?}"
        );
    }
}

#[test]
fn no_endpoint_is_there_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for endpoint in all() {
        let row = (endpoint.method, endpoint.path.as_str(), endpoint.is_api);
        assert!(seen.insert(row), "{endpoint:?}");
    }
}

#[test]
fn parameters_are_read_from_the_path() {
    let table: [(&str, &[(&str, &str)]); 5] = [
        ("GET /api/2.0/mlflow/runs/get", &[]),
        (
            "GET /api/2.0/mlflow/logged-models/m-1",
            &[("model_id", "m-1")],
        ),
        (
            "GET /api/2.0/mlflow-artifacts/artifacts/1/a/b.txt",
            &[("artifact_path", "1/a/b.txt")],
        ),
        (
            "DELETE /ajax-api/3.0/mlflow/mcp-servers/io.x/y/tags/k",
            &[("name", "io.x/y"), ("key", "k")],
        ),
        (
            "GET /api/3.0/mlflow/skills/@org/n/versions/2",
            &[("organization", "@org"), ("name", "n"), ("version", "2")],
        ),
    ];
    for (line, expected) in table {
        let (method, path) = line.split_once(' ').unwrap();
        let path = CanonicalPath::parse(path).unwrap();
        let Operation::Endpoint(endpoint) = route(method, &path) else {
            panic!("{line}");
        };
        let found = endpoint.parameters(&path);
        let found: Vec<_> = found
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        assert_eq!(found, expected, "{line}");
    }
}

/// A path that the endpoint is for.
pub(crate) fn sample(endpoint: &Endpoint) -> CanonicalPath {
    let prefix = if endpoint.is_api { "/api/" } else { "/" };
    let segment = |segment: &str| match segment.starts_with('{') {
        true if segment.ends_with("*}") => "x/y".to_owned(),
        true => "x".to_owned(),
        false => segment.to_owned(),
    };
    let path: Vec<String> = endpoint.path.split('/').map(segment).collect();
    CanonicalPath::parse(&[prefix, &path.join("/")].concat()).unwrap()
}
