//! An API on another origin, as API Gateway is: a stage, CORS, and a UI among
//! the site's own files.

use std::{collections::BTreeSet, fs, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use shell_core::{
    Config,
    cors::{EXPOSED_HEADERS, MAX_AGE, METHODS, REQUEST_HEADERS},
    hosting,
};
use shell_tests::{environment, server::Server};

use super::{
    breaks::{At, Bearers, Break, How, answer, around, header},
    deployment::{Deployment, Places},
    wrong,
};

const VERSION: &str = "3.18.0";

#[tokio::test(flavor = "multi_thread")]
async fn an_api_on_another_origin_is_checked_for_what_browsers_ask() {
    const NO_ROUTE: How = answer(403, "application/json", "Missing Authentication Token");
    let table: [(&str, &str, How, &[&str]); 9] = [
        ("nothing", "/none", NO_ROUTE, &[]),
        (
            "OPTIONS wants a token",
            "OPTIONS *",
            answer(401, "text/plain", ""),
            &["preflight"],
        ),
        (
            "a wildcard for headers",
            "OPTIONS *",
            header("access-control-allow-headers", Some("*")),
            &["preflight"],
        ),
        (
            "methods are missing",
            "OPTIONS *",
            header("access-control-allow-methods", Some("GET,POST")),
            &["preflight"],
        ),
        (
            "asked every time",
            "OPTIONS *",
            header("access-control-max-age", None),
            &["preflight"],
        ),
        (
            "refusals cannot be read",
            "GET *",
            header("access-control-allow-origin", None),
            &["cors-errors"],
        ),
        (
            "answers hide their headers",
            "GET *",
            header("access-control-expose-headers", None),
            &["experiments"],
        ),
        (
            "no such stage",
            "/prod/mlflow/ajax-api*",
            NO_ROUTE,
            &[
                "no-token",
                "forged-token",
                "cors-errors",
                "experiments",
                "own-origin",
            ],
        ),
        (
            "another version",
            "/prod/mlflow/version",
            answer(200, "text/plain", "3.17.2").to_bearers(),
            &["version"],
        ),
    ];
    for (what, path, how, expected) in table {
        let (deployment, _api) = start(&[Break::new(At::Api, path, how)]).await;
        let token = deployment.token(&["readers"]);
        let report = deployment.smoke(Some(&token)).await;
        assert_eq!(wrong(&report), expected, "{what}:\n{}", report.table());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_ui_is_checked_with_its_script() {
    let page = answer(200, "text/html", "<title>MLflow</title>");
    let table = [
        ("the shell in its place", "/mlflow/", page),
        ("its script is a page", "/mlflow/static-files*", page),
        (
            "a document that anybody may frame",
            "/mlflow/",
            header("content-security-policy", Some("default-src 'self'")),
        ),
    ];
    for (what, path, how) in table {
        let (deployment, _api) = start(&[Break::new(At::Site, path, how)]).await;
        let report = deployment.smoke(None).await;
        assert_eq!(wrong(&report), ["ui"], "{what}:\n{}", report.table());
    }
}

/// The checks are those that the manual lists.
#[tokio::test(flavor = "multi_thread")]
async fn the_manual_lists_every_check() {
    let (cross, _api) = start(&[]).await;
    let gateway = Deployment::start(&[], &[]).await;
    let mut made = BTreeSet::new();
    for deployment in [cross, gateway] {
        let report = deployment
            .smoke(Some(&deployment.token(&["readers"])))
            .await;
        assert!(report.is_fine(), "{}", report.table());
        let report = report.json();
        let lines = report["checks"].as_array().expect("a list").iter();
        made.extend(lines.filter_map(|line| line["check"].as_str().map(String::from)));
    }

    let manual = environment::workspace().join("docs/RUNNING.md");
    let manual = fs::read_to_string(manual).expect("a manual");
    let rows = manual.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let listed = cells.flat_map(|cell| cell.split(',').map(|name| name.trim().replace('`', "")));
    assert_eq!(made, listed.collect());
}

/// A deployment, and the API beside it.
async fn start(breaks: &[Break]) -> (Deployment, Server) {
    let places = Places::new().await;
    let api = Server::bind().await.expect("a free port");
    let inside = places.gateway(places.config(&[]));
    let origin = HeaderValue::try_from(places.site.origin()).expect("a header");
    let outside = Router::new()
        .nest("/prod", inside)
        .layer(middleware::from_fn_with_state(origin, allow));
    api.serve(around(outside, At::Api, breaks, &Bearers::default()));

    let base = format!("{}/prod/mlflow", api.origin());
    let config = places.config(&[("api", json!(base)), ("ui", json!(VERSION))]);
    let site = hosted(&config, places.gateway(config.clone()));
    (Deployment::serve(places, site, breaks), api)
}

/// Answers browsers as the API's templates have it.
async fn allow(State(origin): State<HeaderValue>, request: Request, next: Next) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let lists = [
        ("access-control-allow-methods", METHODS.join(",")),
        ("access-control-allow-headers", REQUEST_HEADERS.join(",")),
        ("access-control-expose-headers", EXPOSED_HEADERS.join(",")),
        ("access-control-max-age", MAX_AGE.to_string()),
    ];
    let headers = response.headers_mut();
    headers.insert("access-control-allow-origin", origin);
    for (name, value) in lists {
        let value = HeaderValue::try_from(value).expect("a header");
        headers.insert(HeaderName::from_static(name), value);
    }
    response
}

/// A site that has MLflow's UI among its files.
fn hosted(config: &Config, site: Router) -> Router {
    let table = Arc::new(hosting::table(&hosting::Deployment::of(config)));
    let script = r#"<script defer="defer" src="static-files/static/js/main.1a2b3c4d.js"></script>"#;
    let kind = [("content-type", "text/javascript")];
    let files = Router::new()
        .route("/mlflow/", get(async move || Html(script)))
        .route(
            "/mlflow/static-files/static/js/main.1a2b3c4d.js",
            get(async move || (kind, "")),
        )
        .layer(middleware::from_fn_with_state(table, with_headers));
    files.fallback_service(site)
}

async fn with_headers(
    State(table): State<Arc<Vec<hosting::Row>>>,
    request: Request,
    next: Next,
) -> Response {
    let row = hosting::row(&table, request.uri().path()).cloned();
    let headers = row.into_iter().flat_map(|row| row.headers);
    let headers = headers.map(|(name, value)| {
        let value = HeaderValue::try_from(value).expect("a header");
        (HeaderName::from_static(name), value)
    });
    let headers: HeaderMap = headers.collect();
    let mut response = next.run(request).await;
    response.headers_mut().extend(headers);
    response
}
