//! What a page of MLflow asks for, by the address that the browser shows.
//!
//! MLflow's UI keeps its route behind `#` (`#/experiments/7/runs/…`, MLflow 2.2 to
//! 3.18), which no server sees. The request here is the one that the page lives by:
//! for a run, getting that run.

use anyhow::{Context, Result, ensure};
use axum::http::Uri;

/// A request that an address stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageRequest {
    /// Path and query, below the prefix that the site has MLflow at.
    pub(super) target: String,
    /// The workspace that the address names.
    pub(super) workspace: Option<String>,
}

/// Reads an address as it is copied from a browser.
///
/// # Errors
/// If it is none of a site.
pub(super) fn read(url: &str) -> Result<PageRequest> {
    let (address, route) = url.split_once('#').unwrap_or((url, ""));
    let uri: Uri = address
        .parse()
        .with_context(|| format!("`{url}` is no URL"))?;
    ensure!(
        uri.host().is_some(),
        "`{url}` is no URL with a host: copy it whole, as in https://mlflow.example.com/mlflow/#/…"
    );
    let (route, query) = route.split_once('?').unwrap_or((route, ""));
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let workspace = pairs.find(|(name, _)| name == "workspace");
    let target = match request(route) {
        None => uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
            .to_owned(),
        Some(request) => format!("{}/ajax-api/{request}", uri.path().trim_end_matches('/')),
    };
    Ok(PageRequest {
        target,
        workspace: workspace.map(|(_, name)| name.into_owned()),
    })
}

/// The request of the page at `route`; `None` if there is no route.
fn request(route: &str) -> Option<String> {
    let segments: Vec<&str> = route.split('/').filter(|it| !it.is_empty()).collect();
    Some(match segments.as_slice() {
        [] => return None,
        ["experiments", id] => format!("2.0/mlflow/experiments/get?experiment_id={id}"),
        ["experiments", _, "runs", run, ..] => format!("2.0/mlflow/runs/get?run_id={run}"),
        ["experiments", _, "models", model, ..] => format!("2.0/mlflow/logged-models/{model}"),
        ["experiments", id, ..] => format!("2.0/mlflow/experiments/get?experiment_id={id}"),
        ["models", name, "versions", version, ..] => {
            format!("2.0/mlflow/model-versions/get?name={name}&version={version}")
        }
        ["models" | "prompts", name, ..] => format!("2.0/mlflow/registered-models/get?name={name}"),
        ["models" | "prompts"] => "2.0/mlflow/registered-models/search".to_owned(),
        _ => "2.0/mlflow/experiments/search".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_page_tells_what_the_page_lives_by() {
        let table = [
            ("", "/mlflow/"),
            ("#/", "/mlflow/"),
            (
                "#/experiments",
                "/mlflow/ajax-api/2.0/mlflow/experiments/search",
            ),
            (
                "#/experiments/7?searchFilter=x",
                "/mlflow/ajax-api/2.0/mlflow/experiments/get?experiment_id=7",
            ),
            (
                "#/experiments/7/traces",
                "/mlflow/ajax-api/2.0/mlflow/experiments/get?experiment_id=7",
            ),
            (
                "#/experiments/7/runs/abc/artifacts/model",
                "/mlflow/ajax-api/2.0/mlflow/runs/get?run_id=abc",
            ),
            (
                "#/experiments/7/models/m-1",
                "/mlflow/ajax-api/2.0/mlflow/logged-models/m-1",
            ),
            (
                "#/models/a%20b/versions/3",
                "/mlflow/ajax-api/2.0/mlflow/model-versions/get?name=a%20b&version=3",
            ),
            (
                "#/prompts/p",
                "/mlflow/ajax-api/2.0/mlflow/registered-models/get?name=p",
            ),
        ];
        for (route, target) in table {
            let found = read(&format!("https://mlflow.example.com/mlflow/{route}")).unwrap();
            assert_eq!(found.target, target, "{route}");
        }
        let named = read("https://a.example/mlflow/@dev/#/experiments/7?workspace=team-a").unwrap();
        assert_eq!(named.workspace.as_deref(), Some("team-a"));
        assert!(
            named.target.starts_with("/mlflow/@dev/ajax-api/"),
            "{named:?}"
        );
        let plain = read("https://a.example/api/2.0/mlflow/runs/get?run_id=r").unwrap();
        assert_eq!(plain.target, "/api/2.0/mlflow/runs/get?run_id=r");
        assert!(read("/mlflow/#/experiments/7").is_err());
    }
}
