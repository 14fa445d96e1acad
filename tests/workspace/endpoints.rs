//! Every endpoint of every MLflow version has its row in the access policy.

use std::collections::BTreeSet;

use shell_core::policy::{Access, Operation, Policy, Request, endpoints::all, graphql};
use shell_tests::endpoints::{self, Endpoint};

#[test]
fn every_endpoint_of_every_version_is_known() {
    let mut unknown = Vec::new();
    for endpoint in endpoints::all() {
        let is_known = match endpoint.graphql_field() {
            Some(field) => graphql::find(field).is_some(),
            None => endpoint
                .samples()
                .iter()
                .all(|path| is_known(endpoint, path)),
        };
        if !is_known {
            unknown.push(format!("{} {}", endpoint.method, endpoint.path));
        }
    }
    assert!(
        unknown.is_empty(),
        "crates/core/src/policy/endpoints has no row for {unknown:#?}"
    );
}

#[test]
fn no_row_is_for_an_endpoint_that_no_version_has() {
    let listed: BTreeSet<(&str, &str)> = endpoints::all()
        .iter()
        .flat_map(|endpoint| {
            endpoint
                .samples()
                .into_iter()
                .map(|path| (endpoint.method, path))
        })
        .filter_map(
            |(method, path)| match Request::read(method, &path).ok()?.operation() {
                Operation::Endpoint(row) => Some((row.method, row.path.as_str())),
                Operation::GraphQl(_) | Operation::Unknown => None,
            },
        )
        .collect();
    let stray: Vec<_> = all()
        .filter(|row| !listed.contains(&(row.method, row.path.as_str())))
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    assert!(stray.is_empty(), "no MLflow answers these: {stray:#?}");
}

#[test]
fn every_version_is_listed() {
    let versions = [
        "1.30.0", "2.2.1", "2.3.1", "2.5.0", "2.8.1", "2.9.2", "2.12.2", "2.22.5", "3.5.0",
        "3.18.0",
    ];
    assert_eq!(endpoints::versions(), versions);
}

/// Kept apart from the rows on purpose: a slip of the pen there shows here.
#[test]
fn what_gets_something_reads_and_what_changes_something_is_not_for_readers() {
    let readers = ["readers".to_owned()];
    let policy = Policy::built_in();
    for endpoint in endpoints::all() {
        if endpoint.graphql_field().is_some() {
            continue;
        }
        for path in endpoint.samples() {
            let request = Request::read(endpoint.method, &path).expect("one reading");
            let allowed = policy.allowing(&readers, &request).is_some();
            let named = format!("{} {path}", endpoint.method);
            match endpoint.method {
                "GET" => assert_eq!(allowed, !is_for_administrators(&path), "{named}"),
                "POST" => assert_eq!(allowed, is_search(&path), "{named}"),
                _ => assert!(!allowed, "{named}"),
            }
            assert_eq!(
                allowed,
                request.operation().access() == Access::Read,
                "{named}"
            );
        }
    }
}

fn is_known(endpoint: Endpoint, path: &str) -> bool {
    let request = Request::read(endpoint.method, path);
    request.is_ok_and(|request| request.operation() != &Operation::Unknown)
}

/// Addresses of webhooks, permissions of others, and what makes the assistant
/// do something.
fn is_for_administrators(path: &str) -> bool {
    let parts = [
        "/webhooks",
        "/permissions/get",
        "/permissions/list",
        "/roles",
        "/users/get",
        "/assistant/providers/",
        "/assistant/sessions/",
        "/signup",
    ];
    let own = path.ends_with("/users/current/permissions");
    let figures = path == "/metrics";
    figures || !own && parts.iter().any(|part| path.contains(part))
}

/// `POST`s that read: all searches of the UI, and its usage figures.
fn is_search(path: &str) -> bool {
    let ends = [
        "/search",
        "/search-datasets",
        "/get-latest-versions",
        "/presigned-download-url",
        "/batchGetInfos",
        "/calculate-filter-correlation",
        "/traces/metrics",
        "/ui-telemetry",
        "/graphql",
    ];
    ends.iter().any(|end| path.ends_with(end))
}
