//! Answers that are compressed on their way, and those that are not.

use std::{io, sync::Arc, time::Duration};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, Method, Response, StatusCode},
    response::IntoResponse,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use shell_gateway::settings::Settings;
use shell_tests::{
    client::Answer,
    deployment::{Deployment, DeploymentSpec, Login},
    issuer::Issuer,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::Notify,
    time::timeout,
};
use tokio_util::io::StreamReader;

use crate::fixture::{Fixture, given};

const API: &str = "/mlflow/ajax-api/2.0/mlflow/runs/search";
const FAR_TOO_LONG: Duration = Duration::from_secs(30);
const CODINGS: [&str; 3] = ["zstd", "br", "gzip"];

/// What stands for MLflow here, and what it waits for.
#[derive(Debug, Clone, Default)]
struct Upstream {
    next: Arc<Notify>,
    gone: Arc<Notify>,
}

/// Says that a body was dropped.
struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Upstream {
    fn router(&self) -> Router {
        let upstream = self.clone();
        Router::new().fallback(async move |request: Request| upstream.answer(&request))
    }

    /// Answers as the header `x-answer` of the request says, `{"headers": {…}, "text": …}`,
    /// or piece by piece.
    fn answer(&self, request: &Request) -> Response<Body> {
        let wanted = request.headers().get("x-answer").map_or("{}", |wanted| {
            wanted.to_str().expect("what is wanted is text")
        });
        let wanted: Value = serde_json::from_str(wanted).expect("it is JSON");
        let text = "{\"key\": \"validation/metric\", \"value\": 0.25}"
            .repeat(usize::try_from(wanted["times"].as_u64().unwrap_or(200)).expect("a number"));
        let is_read_by_us = wanted["json"].is_object();
        if is_read_by_us && request.headers().contains_key("accept-encoding") {
            return (StatusCode::NOT_ACCEPTABLE, "nobody could read it").into_response();
        }
        let text = if is_read_by_us {
            wanted["json"].to_string()
        } else {
            text
        };
        let mut response = Response::new(match wanted["pieces"].as_str() {
            None => Body::from(text),
            Some(how) => self.pieces(how == "broken"),
        });
        let status = wanted["status"].as_u64().unwrap_or(200);
        *response.status_mut() = u16::try_from(status)
            .expect("a number")
            .try_into()
            .expect("a status");
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
            let name: HeaderName = name.parse().expect("a name");
            headers.insert(
                name,
                value.as_str().expect("a text").parse().expect("a value"),
            );
        }
        response
    }

    /// One piece, and further ones when they are asked for.
    fn pieces(&self, is_broken: bool) -> Body {
        let next = self.next.clone();
        let dropped = Dropped(self.gone.clone());
        let pieces = stream::unfold((0, dropped), move |(number, dropped)| {
            let next = next.clone();
            async move {
                if number > 0 {
                    next.notified().await;
                }
                let piece = match number {
                    1 if is_broken => Err(io::Error::other("it breaks off")),
                    2 => return None,
                    _ => Ok(Bytes::from(format!("piece {number}"))),
                };
                Some((piece, (number + 1, dropped)))
            }
        });
        Body::from_stream(pieces)
    }

    async fn fixture(&self) -> Fixture {
        self.fixture_with(Settings::default()).await
    }

    async fn fixture_with(&self, settings: Settings) -> Fixture {
        let issuer = Issuer::default();
        let spec = DeploymentSpec::from(Login::Signed(issuer.clone()));
        let deployment = Deployment::start(spec.with_settings(settings), self.router()).await;
        let deployment = deployment.expect("everything starts");
        Fixture { deployment, issuer }
    }
}

fn request(fixture: &Fixture, headers: &[(&str, &str)], wanted: &Value) -> Request {
    let mut request = Request::get(format!("{}{API}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {}", fixture.admin()))
        .header("x-answer", wanted.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a request")
}

/// The answer to a client that takes `accepted`.
async fn ask(fixture: &Fixture, accepted: &str, wanted: &Value) -> Answer {
    let headers = [("accept-encoding", accepted)];
    fixture.send(request(fixture, &headers, wanted)).await
}

/// Reads what is in a body of this coding.
fn decoded(coding: &str, body: Body) -> Box<dyn AsyncRead + Unpin> {
    let body = TryStreamExt::map_err(body.into_data_stream(), io::Error::other);
    let body = StreamReader::new(body.boxed());
    match coding {
        "zstd" => Box::new(ZstdDecoder::new(body)),
        "br" => Box::new(BrotliDecoder::new(body)),
        "gzip" => Box::new(GzipDecoder::new(body)),
        other => panic!("`{other}` is no coding"),
    }
}

async fn text(answer: &Answer) -> String {
    let mut text = String::new();
    match answer.header("content-encoding") {
        "" => text = answer.text(),
        coding => {
            let mut body = decoded(coding, Body::from(answer.body.clone()));
            body.read_to_string(&mut text)
                .await
                .expect("it is coded so");
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_in_the_coding_that_its_client_likes_best() {
    let fixture = Upstream::default().fixture().await;
    let plain = ask(&fixture, "identity", &json!({})).await.text();
    let table = [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd;q=0.1, gzip;q=0.2, br;q=0", "gzip"),
        ("identity;q=0, br;q=0.001", "br"),
        ("identity;q=0.5, gzip;q=0.4", ""),
        ("gzip;q=0", ""),
        ("*", "gzip"),
        ("*;q=0", ""),
        ("identity;q=0", ""),
        ("deflate", ""),
        ("", ""),
    ];
    for (accepted, coding) in table {
        let answer = ask(&fixture, accepted, &json!({})).await;
        assert_eq!(answer.status, 200, "{accepted}");
        assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{accepted}");
        assert_eq!(text(&answer).await, plain, "{accepted}");
        let is_smaller = answer.body.len() < plain.len() / 10;
        assert_eq!(is_smaller, !coding.is_empty(), "{accepted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_compression_would_harm_goes_as_it_is() {
    let fixture = Upstream::default().fixture().await;
    let kind = |kind: &str| json!({ "headers": { "content-type": kind } });
    let with = |name: &str, value: &str| json!({ "headers": { name: value } });
    let as_it_is = [
        kind("image/png"),
        kind("application/zip"),
        kind("application/gzip"),
        kind("application/octet-stream"),
        kind("application/vnd.apache.parquet"),
        kind("video/mp4"),
        kind("font/woff2"),
        kind("text/event-stream; charset=utf-8"),
        with("content-encoding", "gzip"),
        with("accept-ranges", "bytes"),
        with("content-range", "bytes 0-7999/16000"),
        with("content-disposition", "attachment; filename=metrics.json"),
        with("cache-control", "public, No-Transform"),
        json!({ "status": 206, "headers": { "content-range": "bytes 0-7999/16000" } }),
        json!({ "times": 20 }),
    ];
    let compressed = [
        kind("text/html; charset=utf-8"),
        kind("application/problem+json"),
        kind("Application/JSON"),
        kind("image/svg+xml"),
        kind("text/csv"),
        json!({ "status": 400 }),
        json!({ "times": 30 }),
    ];
    for (wanted, is_compressed) in as_it_is
        .map(|wanted| (wanted, false))
        .into_iter()
        .chain(compressed.map(|wanted| (wanted, true)))
    {
        let plain = ask(&fixture, "identity", &wanted).await;
        let answer = ask(&fixture, "gzip, br, zstd", &wanted).await;
        let is_same = answer.body == plain.body;
        assert_eq!(is_same, !is_compressed, "{wanted}");
        let length = answer.header("content-length");
        assert_eq!(length.is_empty(), is_compressed, "{wanted}");
        assert_eq!(answer.status, plain.status, "{wanted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_those_of_the_compressed_answer() {
    let fixture = Upstream::default().fixture().await;
    let wanted = json!({ "headers": {
        "etag": "\"1\"", "content-md5": "a", "digest": "b", "repr-digest": "c", "vary": "Cookie",
    }});
    let answer = ask(&fixture, "br", &wanted).await;
    let lists: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(lists, ["Cookie", "accept-encoding"]);
    assert_eq!(answer.header("etag"), "W/\"1\"");
    for name in ["content-md5", "digest", "repr-digest", "content-length"] {
        assert_eq!(answer.header(name), "", "{name}");
    }

    let plain = ask(&fixture, "identity", &wanted).await;
    assert_eq!(plain.header("etag"), "\"1\"");
    assert_eq!(plain.header("digest"), "b");

    for vary in ["*", "Accept-Encoding", "Cookie, accept-encoding"] {
        let wanted = json!({ "headers": { "vary": vary, "etag": "W/\"2\"" } });
        let answer = ask(&fixture, "br", &wanted).await;
        assert_eq!(answer.headers.get_all("vary").iter().count(), 1, "{vary}");
        assert_eq!(answer.header("etag"), "W/\"2\"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_without_a_body_have_none() {
    let fixture = Upstream::default().fixture().await;
    let headers = [("accept-encoding", "gzip")];
    let mut head = request(&fixture, &headers, &json!({}));
    *head.method_mut() = Method::HEAD;
    let answer = fixture.send(head).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(answer.header("content-length"), "");
    assert!(answer.body.is_empty());

    for status in [204, 304] {
        let answer = ask(&fixture, "gzip", &json!({ "status": status })).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-encoding"), "", "{status}");
        assert!(answer.body.is_empty());
    }
}

async fn begin(fixture: &Fixture, coding: &str, wanted: &Value) -> Body {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let headers = [("accept-encoding", coding)];
    let answer = client.request(request(fixture, &headers, wanted)).await;
    let answer = answer.expect("it begins").map(Body::new);
    let told = answer.headers().get("content-encoding");
    assert_eq!(
        told.map_or("identity", |told| told.to_str().expect("text")),
        coding
    );
    answer.into_body()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_arrives_before_the_next_one_is_there() {
    let upstream = Upstream::default();
    let fixture = upstream.fixture().await;
    for coding in CODINGS {
        let body = begin(&fixture, coding, &json!({ "pieces": "whole" })).await;
        let mut body = decoded(coding, body);
        let mut piece = [0; 7];
        let first = timeout(FAR_TOO_LONG, body.read_exact(&mut piece)).await;
        first.expect(coding).expect("the first piece");
        assert_eq!(&piece, b"piece 0", "{coding}");
        upstream.next.notify_one();
        body.read_exact(&mut piece).await.expect("the second piece");
        assert_eq!(&piece, b"piece 1", "{coding}");
        upstream.next.notify_one();
        assert_eq!(body.read(&mut piece).await.expect("the end"), 0, "{coding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let upstream = Upstream::default();
    let fixture = upstream.fixture().await;
    for coding in CODINGS {
        let body = begin(&fixture, coding, &json!({ "pieces": "broken" })).await;
        upstream.next.notify_one();
        assert!(body.collect().await.is_err(), "{coding}");
    }
}

/// Whatever the coding, a client that goes away frees MLflow.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_answer_is_not_asked_of_mlflow_any_longer() {
    let upstream = Upstream::default();
    let fixture = upstream.fixture().await;
    for coding in CODINGS.into_iter().chain(["identity"]) {
        let mut body = begin(&fixture, coding, &json!({ "pieces": "whole" })).await;
        body.frame().await.expect("a frame").expect("a piece");
        // What is left of earlier answers.
        while timeout(Duration::ZERO, upstream.gone.notified())
            .await
            .is_ok()
        {}
        drop(body);
        let gone = timeout(Duration::from_secs(1), upstream.gone.notified()).await;
        gone.unwrap_or_else(|_| panic!("{coding}: MLflow is held for a second"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compression_can_be_left_to_another_proxy() {
    let settings = Settings {
        compression: false,
        ..Settings::default()
    };
    let fixture = Upstream::default().fixture_with(settings).await;
    let answer = ask(&fixture, "gzip, br, zstd", &json!({})).await;
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(answer.header("vary"), "");
    assert!(!answer.header("content-length").is_empty());
}

/// A list of which a user sees a part is read by the gateway, and so not asked for
/// compressed.
#[tokio::test(flavor = "multi_thread")]
async fn a_filtered_list_is_compressed_after_it_was_filtered() {
    let upstream = Upstream::default();
    let issuer = Issuer::default();
    let policy = r#"{"rules": [{"name": "fraud", "groups": ["team"], "models": ["fraud-*"],
        "allow": {"registered-models": ["read"]}}]}"#;
    let spec = DeploymentSpec::from(Login::Signed(issuer.clone())).with_policy(policy);
    let deployment = Deployment::start(spec, upstream.router()).await;
    let deployment = deployment.expect("everything starts");
    let fixture = Fixture { deployment, issuer };
    let model = |name: &str| json!({ "name": format!("{name}-{}", "x".repeat(100)) });
    let models: Vec<_> = (0..20)
        .flat_map(|_| [model("fraud"), model("other")])
        .collect();
    let token = fixture.token_with("cognito:groups", json!(["team"]));
    let path = "/mlflow/ajax-api/2.0/mlflow/registered-models/search";
    let request = Request::get(format!("{}{path}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {token}"))
        .header("accept-encoding", "br")
        .header(
            "x-answer",
            json!({ "json": { "registered_models": models } }).to_string(),
        );
    let answer = fixture
        .send(request.body(Body::empty()).expect("a request"))
        .await;

    assert_eq!(answer.header("content-encoding"), "br", "{answer:?}");
    let list: Value = serde_json::from_str(&text(&answer).await).expect("JSON");
    let list = list["registered_models"].as_array().expect("a list");
    assert_eq!(list.len(), 20);
    assert!(list.iter().all(|it| *it == model("fraud")));
}

/// Answers with tokens have nothing beside them that another site could choose.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_tokens_is_not_compressed() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = folder.path().join("tokens.jsonl");
    let settings = given(json!({ "tokens": { "registry": registry } }));
    let python = json!({ "access": "token" });
    let spec = |spec: DeploymentSpec| spec.with_config("python", python).with_settings(settings);
    let fixture = Fixture::with(spec).await;
    let tokens = format!("{}/mlflow/@shell/tokens", fixture.deployment.origin);
    let mut last = String::new();
    for method in [Method::POST; 12].into_iter().chain([Method::GET]) {
        let request = Request::builder()
            .method(method)
            .uri(&tokens)
            .header("authorization", format!("Bearer {}", fixture.admin()))
            .header("origin", &fixture.deployment.origin)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("content-type", "application/json")
            .header("accept-encoding", "gzip, br, zstd");
        let body = json!({ "name": "a name of a job that is not very short" });
        let request = request
            .body(Body::from(body.to_string()))
            .expect("a request");
        let answer = fixture.send(request).await;
        assert!(answer.status.is_success(), "{answer:?}");
        assert_eq!(answer.header("content-encoding"), "");
        last = answer.text();
    }
    assert!(last.len() > 1024, "a list that is long enough: {last}");
}
