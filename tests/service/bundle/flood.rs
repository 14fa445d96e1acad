//! A client that asks for public files in ever new ways takes no more of the
//! gateway's memory than a page does.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, Request, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use shell_tests::{environment, program::GatewayProgram, server::Server};

use crate::fixture::Fixture;

/// How many requests there are, and how many of them at a time.
const REQUESTS: usize = 10_000;
const AT_A_TIME: usize = 16;

/// The files of a page, with the size of the largest of MLflow 3.18.0 first.
const FILES: [(&str, usize); 5] = [
    ("static/js/main.1a2b3c4d.js", 4_500_000),
    ("static/js/chunk.5e6f7a8b.js", 300_000),
    ("static/css/main.9c0d1e2f.css", 200_000),
    ("static/media/font.3a4b5c6d.ttf", 60_000),
    ("manifest.json", 500),
];

/// What browsers and others say that they take.
const CODINGS: [&str; 5] = ["gzip, deflate, br, zstd", "br", "identity", "gzip", "*"];

type Asked = Arc<AtomicUsize>;

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_an_address_takes_more_memory() {
    let what = "the gateway's memory under a flood";
    let Some(program) = environment::program("SHELL_TEST_GATEWAY", what) else {
        return;
    };
    let (fixture, asked) = (Fixture::new().await, Asked::default());
    let upstream = Server::start(released(&asked)).await.expect("a free port");
    // Not optimised, the program takes its time to compress.
    let settings = "[limits]\nwait = \"1m\"\n";
    let settings = format!("upstream = \"{}\"\n{settings}", upstream.origin());
    let config = &fixture.deployment.config;
    let gateway = GatewayProgram::start(&program, config, &settings, &[]).await;
    let gateway = gateway.expect("the gateway starts");
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());

    // What compressing took is given back after a while.
    let mut before = u64::MAX;
    for _ in 0..5 {
        send(&client, (0..400).map(|number| ordinary(&gateway, number))).await;
        before = before.min(gateway.resident().expect("the system says"));
    }
    let loaded = asked.load(Ordering::SeqCst);
    assert_eq!(loaded, FILES.len(), "each was asked of MLflow once");

    send(&client, (0..REQUESTS).map(|number| odd(&gateway, number))).await;
    let after = gateway.resident().expect("the system says");

    let mib = |bytes: u64| bytes / 1024 / 1024;
    assert!(
        after * 10 <= before * 12,
        "{} to {} MiB",
        mib(before),
        mib(after)
    );
    assert_eq!(asked.load(Ordering::SeqCst), loaded, "all were kept");
}

/// What MLflow releases, and a page for everything else. Counts how often one of
/// the files is asked for.
fn released(asked: &Asked) -> Router {
    let router = FILES
        .into_iter()
        .fold(Router::new(), |router, (name, size)| {
            let answer = async move |State(asked): State<Asked>| {
                asked.fetch_add(1, Ordering::SeqCst);
                file(name, size)
            };
            router.route(&format!("/static-files/{name}"), get(answer))
        });
    let missing = async || {
        (
            StatusCode::NOT_FOUND,
            Html("<!doctype html><h1>Not Found</h1>"),
        )
    };
    router.fallback(missing).with_state(asked.clone())
}

fn file(name: &str, size: usize) -> Response {
    let kind = match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "js" => "text/javascript",
        "css" => "text/css",
        "ttf" => "font/ttf",
        _ => "application/json",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=2419200"),
    ];
    // As well compressible as a script is.
    let words = (0_u64..).map(|number| format!("{:x} ", number.wrapping_mul(0x9e37_79b9) >> 7));
    let mut text = String::with_capacity(size + 16);
    for word in words {
        if text.len() >= size {
            break;
        }
        text.push_str(&word);
    }
    (headers, text).into_response()
}

/// As a page asks.
fn ordinary(gateway: &GatewayProgram, number: usize) -> Request<Body> {
    let (name, _) = FILES[number % FILES.len()];
    let path = format!("/mlflow/static-files/{name}");
    request(gateway, Method::GET, &path, number / FILES.len())
}

/// As no page does: the files by other names, and names of no files.
fn odd(gateway: &GatewayProgram, number: usize) -> Request<Body> {
    let (name, size) = FILES[number % FILES.len()];
    let turn = number / FILES.len();
    let is_known_to_be_large = size > 1_000_000 && !turn.is_multiple_of(40);
    let method = if turn.is_multiple_of(2) || is_known_to_be_large {
        Method::HEAD
    } else {
        Method::GET
    };
    request(gateway, method, &spelt(name, turn), turn)
}

/// The path of a file of this name, spelt in the way of this turn.
fn spelt(name: &str, turn: usize) -> String {
    let below = "/mlflow/static-files";
    let one_escaped = |at: usize| {
        let at = at % name.len();
        let byte = name.as_bytes()[at];
        let escape = if at.is_multiple_of(2) {
            format!("%{byte:02x}")
        } else {
            format!("%{byte:02X}")
        };
        [&name[..at], &escape, &name[at + 1..]].concat()
    };
    let all_escaped = || {
        name.bytes().map(|byte| match byte {
            b'/' => "/".to_owned(),
            byte => format!("%{byte:02x}"),
        })
    };
    match turn % 14 {
        0 | 1 => format!("{below}/{}", one_escaped(turn / 14)),
        2 => format!("{below}/{}", all_escaped().collect::<String>()),
        3 => format!("{below}/{name}?v={turn}"),
        4 => format!("{below}/{}?{turn}", one_escaped(turn)),
        5 => format!("/mlflow/%73tatic-files/{name}"),
        6 => format!("/mlflow/static%2Dfiles/{name}"),
        7 => format!("{below}/{}", one_escaped(turn).replace('%', "%25")),
        8 => format!("{below}/{}", name.to_uppercase()),
        9 => format!("{below}/{name}%20{turn}"),
        10 => format!("{below}/{name};v={turn}"),
        11 => format!("{below}/{name}/"),
        12 => format!("{below}/unknown-{turn}-{name}"),
        _ => format!("{below}/%ff{turn}/{name}"),
    }
}

fn request(gateway: &GatewayProgram, method: Method, path: &str, turn: usize) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri([&gateway.origin, path].concat())
        .header(header::ACCEPT_ENCODING, CODINGS[turn % CODINGS.len()])
        .body(Body::empty())
        .expect("a request")
}

/// Sends them over a few connections, and reads what is answered.
async fn send(client: &Client<HttpConnector, Body>, requests: impl Iterator<Item = Request<Body>>) {
    let answers = stream::iter(requests).map(async |request| {
        let spelt = request.uri().to_string();
        let answer = client.request(request).await.expect("an answer");
        let status = answer.status();
        let fits = status.is_success() || status.is_client_error();
        assert!(fits, "{spelt}: {status}");
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            frame.expect("all of it");
        }
    });
    answers.buffer_unordered(AT_A_TIME).collect::<()>().await;
}
