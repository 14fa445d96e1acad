//! The shell itself: static files, precompressed by the build.

pub(crate) mod bundled_ui;
pub(crate) mod files;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use shell_core::{
    Config,
    config::CALLBACK,
    hosting::{self, Deployment, Paths},
    popup::PATH as RELAY,
};

use self::files::Site;
use crate::{auth::live_policy::LivePolicy, middleware::cors};

const ASK_FIRST: HeaderValue = HeaderValue::from_static(hosting::ASK_FIRST);

/// Serves the site, its configuration, and the document at [`CALLBACK`] and
/// [`RELAY`] too. Pages get `config`.
pub(crate) fn router(site: &Site, policy: &LivePolicy, config: &Config) -> Router {
    let table = Arc::new(Table::new(config));
    let framers = config.clone();
    let (config, policy) = (config.clone(), policy.clone());
    Router::new()
        .route(
            "/config.json",
            get(|| async move { json(&policy.current().apply_roles(&config)) }),
        )
        .route_service(CALLBACK, site.document())
        .route_service(RELAY, site.document())
        .fallback_service(site.files())
        .layer(middleware::from_fn(move |request, next| {
            let table = table.clone();
            async move { with_headers(&table, request, next).await }
        }))
        .layer(middleware::from_fn_with_state(
            Arc::new(framers),
            cors::allow_framing_origins,
        ))
}

fn json(config: &Config) -> Response {
    let text = serde_json::to_string(config).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The table of headers, made once.
struct Table(Vec<Row>);

struct Row {
    paths: Paths,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Table {
    fn new(config: &Config) -> Self {
        let rows = hosting::table(&Deployment::of(config)).into_iter();
        let row = |row: hosting::Row| Row {
            paths: row.paths,
            headers: row.headers.iter().map(header).collect(),
        };
        Self(rows.map(row).collect())
    }

    fn of(&self, path: &str) -> &[(HeaderName, HeaderValue)] {
        let mut rows = self.0.iter();
        let row = rows.find(|row| row.paths.have(path));
        row.map_or(&[], |row| &row.headers)
    }
}

/// Origins, of which alone a value is made that is not our own text, have no
/// character that a header cannot have.
fn header((name, value): &(&'static str, String)) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::try_from(value.as_str());
    let nothing = HeaderValue::from_static("default-src 'none'");
    (HeaderName::from_static(name), value.unwrap_or(nothing))
}

async fn with_headers(table: &Table, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    let is_file = status.is_success() || status == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    for (name, value) in table.of(&path) {
        headers.insert(name, value.clone());
    }
    if !is_file {
        // Not even where a hashed name is missing: the next build may have it.
        headers.insert(header::CACHE_CONTROL, ASK_FIRST);
    }
    response
}
