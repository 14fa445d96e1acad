//! What a page of MLflow asks for, by the address that the browser shows.
//!
//! MLflow's UI keeps its route behind `#` (`#/experiments/7/runs/…`, MLflow 2.2 to
//! 3.18), which no server sees. The request here is the one that the page lives by:
//! for a run, getting that run.

use anyhow::{Context, Result, bail, ensure};
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
    let target = match request(route) {
        Page::Start => uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
            .to_owned(),
        Page::Known(request) => format!("{}/ajax-api/{request}", below(&uri)),
        Page::Unknown => bail!(
            "the page `#{route}` is not known here: give the request that it makes, with its \
             method and path"
        ),
    };
    Ok(PageRequest {
        target,
        workspace: parameter(query, "workspace"),
    })
}

/// Where the pages of an address have MLflow: at the address itself, or, for the
/// shell's own, which names a server in its query, below that server's path.
fn below(uri: &Uri) -> String {
    match parameter(uri.query().unwrap_or_default(), "upstream") {
        Some(server) => format!("/mlflow/@{server}"),
        None => uri.path().trim_end_matches('/').to_owned(),
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

/// A page of MLflow's.
enum Page {
    /// The first one: the address has no route.
    Start,
    /// One that lives by this request.
    Known(String),
    /// Another one.
    Unknown,
}

/// What the page at `route` lives by.
fn request(route: &str) -> Page {
    let segments: Vec<&str> = route.split('/').filter(|it| !it.is_empty()).collect();
    Page::Known(match segments.as_slice() {
        [] => return Page::Start,
        ["experiments"] => "2.0/mlflow/experiments/search".to_owned(),
        ["experiments", _, "runs", run, ..] => format!("2.0/mlflow/runs/get?run_id={run}"),
        ["experiments", _, "models", model, ..] => format!("2.0/mlflow/logged-models/{model}"),
        ["experiments", id, ..] => format!("2.0/mlflow/experiments/get?experiment_id={id}"),
        ["models", name, "versions", version, ..] => {
            format!("2.0/mlflow/model-versions/get?name={name}&version={version}")
        }
        ["models" | "prompts", name, ..] => format!("2.0/mlflow/registered-models/get?name={name}"),
        ["models" | "prompts"] => "2.0/mlflow/registered-models/search".to_owned(),
        _ => return Page::Unknown,
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
        let server = read("https://a.example/?upstream=dev#/experiments/7").unwrap();
        assert!(
            server.target.starts_with("/mlflow/@dev/ajax-api/"),
            "{server:?}"
        );
        assert!(read("https://a.example/#/compare-runs?runs=[]").is_err());
        let plain = read("https://a.example/api/2.0/mlflow/runs/get?run_id=r").unwrap();
        assert_eq!(plain.target, "/api/2.0/mlflow/runs/get?run_id=r");
        assert!(read("/mlflow/#/experiments/7").is_err());
    }
}
