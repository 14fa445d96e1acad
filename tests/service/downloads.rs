//! Artifacts that are long, and clients that come back for the rest of one.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use shell_tests::{
    client::Answer,
    deployment::{Deployment, DeploymentSpec, Login},
    issuer::Issuer,
};

use crate::fixture::Fixture;

const ARTIFACT: &str = "/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/table.json";
const TAG: &str = "\"of-this-content\"";
/// In bytes.
const LENGTH: usize = 8 * 1024 * 1024;
const FAR_TOO_LONG: Duration = Duration::from_secs(30);

fn content() -> Vec<u8> {
    (0..LENGTH / 8)
        .flat_map(|number| format!("{number:7},").into_bytes())
        .collect()
}

/// Serves the file, in one range from somewhere to its end, as MLflow 3 does.
async fn serve(request: Request) -> Response {
    let text = |name| Some(request.headers().get(name)?.to_str().ok()?.to_owned());
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|tag| tag == TAG));
    let first = range.and_then(|range| {
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    });
    let content = Bytes::from(content()).slice(first.unwrap_or(0)..);
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::ETAG, TAG.to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_LENGTH, content.len().to_string()),
    ];
    let body = Body::from_stream(stream::iter([Ok::<_, std::io::Error>(content)]));
    match first {
        None => (headers, body).into_response(),
        Some(first) => {
            let range = format!("bytes {first}-{}/{LENGTH}", LENGTH - 1);
            let range = [(header::CONTENT_RANGE, range)];
            (StatusCode::PARTIAL_CONTENT, headers, range, body).into_response()
        }
    }
}

async fn fixture() -> Fixture {
    let issuer = Issuer::default();
    let spec = DeploymentSpec::from(Login::Signed(issuer.clone()));
    let deployment = Deployment::start(spec, Router::new().fallback(serve)).await;
    let deployment = deployment.expect("everything starts");
    Fixture { deployment, issuer }
}

/// As a browser asks, which takes every coding.
fn request(fixture: &Fixture, headers: &[(&str, &str)]) -> Request {
    let mut request = Request::get(format!("{}{ARTIFACT}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {}", fixture.token()))
        .header("accept-encoding", "gzip, deflate, br, zstd");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a request")
}

/// Reads about a third of the file, and goes away.
async fn begin(fixture: &Fixture) -> Vec<u8> {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let answer = client
        .request(request(fixture, &[]))
        .await
        .expect("it begins");
    assert_eq!(answer.headers()["content-length"], LENGTH.to_string());
    assert_eq!(answer.headers()["accept-ranges"], "bytes");
    let (mut body, mut read) = (answer.into_body(), Vec::new());
    while read.len() < LENGTH / 3 {
        let frame = tokio::time::timeout(FAR_TOO_LONG, body.frame()).await;
        let frame = frame.expect("in time").expect("more").expect("a frame");
        read.extend_from_slice(&frame.into_data().expect("data"));
    }
    read
}

async fn rest(fixture: &Fixture, from: usize, tag: &str) -> Answer {
    let range = format!("bytes={from}-");
    fixture
        .send(request(fixture, &[("range", &range), ("if-range", tag)]))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_broke_off_goes_on_where_it_was() {
    let fixture = fixture().await;
    let mut read = begin(&fixture).await;

    let answer = rest(&fixture, read.len(), TAG).await;

    assert_eq!(answer.status, 206);
    let last = LENGTH - 1;
    let range = format!("bytes {}-{last}/{LENGTH}", read.len());
    assert_eq!(answer.header("content-range"), range);
    assert_eq!(answer.header("etag"), TAG, "the tag stays strong");
    assert_eq!(answer.header("content-encoding"), "");
    read.extend_from_slice(&answer.body);
    assert!(read == content(), "both parts are the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_has_changed_since_comes_whole() {
    let fixture = fixture().await;
    let answer = rest(&fixture, 1000, "\"of-other-content\"").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == content(), "it is the whole file");
}
