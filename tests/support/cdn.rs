//! Amazon CloudFront, as far as it stands in front of a site's files and an
//! API, with which it makes one origin.
//!
//! | path | answered by | |
//! |---|---|---|
//! | `/mlflow/`, `/mlflow/index.html`, `/mlflow/static-files/*` | the files | MLflow's UI as released |
//! | `/mlflow/*` | the API, if there is one | `CachingDisabled`, `AllViewerExceptHostHeader` |
//! | everything else | the files | `/callback` and `/relay` are `/index.html` |
//!
//! The function in front lets nothing but `/sw.js` become a service worker.
//! Files get the headers of [`hosting`](shell_core::hosting), and answers of the
//! API those of the template (`site.yaml`). Nothing is compressed, and nothing is
//! cached here.

mod site;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use shell_core::response_headers::WITHHELD;

pub use self::site::Site;
use crate::{api_gateway::length, proxy::IDLE};

/// The longest request or answer without its body, in bytes.
const LONGEST_HEAD: usize = 20_480;

/// So many headers one response headers policy removes: `site.yaml` has the first
/// of core's list, which `tests/templates` compares.
const REMOVED: usize = 10;

/// The longest URL, in bytes.
const LONGEST_URL: usize = 8_192;

/// Serves `site`, and the API at `api`, an origin with a path, if there is one.
pub fn router(site: Site, api: Option<&str>) -> Router {
    let api = api.map(str::to_owned);
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(HttpConnector::new());
    Router::new().fallback(move |request| answer(site, api, client, request))
}

async fn answer(
    site: Site,
    api: Option<String>,
    client: Client<HttpConnector, Body>,
    request: Request,
) -> Response {
    let url = request.uri().path_and_query().map_or("", |it| it.as_str());
    let head = url.len() + length(request.headers());
    if url.len() > LONGEST_URL {
        return refuse(StatusCode::URI_TOO_LONG, "The URL is too long.");
    }
    if head > LONGEST_HEAD {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "The request is too long.");
    }
    let is_worker = request.headers().contains_key("service-worker");
    if is_worker && request.uri().path() != "/sw.js" {
        return StatusCode::FORBIDDEN.into_response();
    }
    match api.filter(|_| is_for_the_api(request.uri().path())) {
        Some(api) => {
            let mut response = forward(client, &api, request).await;
            site.guard(response.headers_mut());
            response
        }
        None if !is_read(request.method()) => refuse(
            StatusCode::FORBIDDEN,
            "This distribution is not configured to allow the HTTP request method \
             that was used for this request.",
        ),
        None => site.serve(request).await,
    }
}

fn is_for_the_api(path: &str) -> bool {
    path.starts_with("/mlflow/") && !Site::has_of_mlflow(path)
}

fn is_read(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// Asks the API, with everything that the viewer sent but for the host.
async fn forward(client: Client<HttpConnector, Body>, api: &str, mut request: Request) -> Response {
    let url = request.uri().path_and_query().map_or("", |it| it.as_str());
    let Ok(url) = format!("{api}{url}").parse::<Uri>() else {
        return refuse(StatusCode::BAD_REQUEST, "The URL is no URL.");
    };
    let host = url.authority().map_or("", |it| it.as_str());
    let host = HeaderValue::from_str(host).expect("an authority");
    *request.uri_mut() = url;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    headers.remove(header::CONNECTION);
    add(
        headers,
        header::VIA,
        "1.1 example.cloudfront.net (CloudFront)",
    );
    add(headers, HeaderName::from_static("x-amz-cf-id"), "example");
    let Ok(response) = client.request(request).await else {
        return refuse(StatusCode::BAD_GATEWAY, "The origin cannot be reached.");
    };
    if length(response.headers()) > LONGEST_HEAD {
        return refuse(StatusCode::BAD_GATEWAY, "The origin's answer is too long.");
    }
    let mut response = response.into_response();
    for name in &WITHHELD[..REMOVED] {
        response.headers_mut().remove(*name);
    }
    add(
        response.headers_mut(),
        HeaderName::from_static("x-cache"),
        "Miss from cloudfront",
    );
    response
}

fn add(headers: &mut axum::http::HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// CloudFront's own errors are pages.
fn refuse(status: StatusCode, words: &str) -> Response {
    let page = format!("<h1>{status}</h1><p>{words} Generated by cloudfront (CloudFront)");
    let cache = [("x-cache", "Error from cloudfront")];
    (status, cache, Html(page)).into_response()
}
