//! Requests that are too large, or whose bodies do not come.

use std::time::Duration;

use serde_json::{Value, json};
use shell_gateway::settings::{Settings, Time};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fixture::Fixture;

/// MLflow's own upload, whose body the policy does not look at.
const UPLOAD: &str = "/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/file";
/// A change, whose body the policy looks at.
const CHANGE: &str = "/mlflow/ajax-api/2.0/mlflow/runs/create";

const BODY: usize = 100_000;
const TIME: Duration = Duration::from_millis(300);

async fn fixture() -> Fixture {
    let mut given = Settings::default();
    given.limits.head_bytes = 8192.try_into().expect("not 0");
    given.limits.url_bytes = 2048.try_into().expect("not 0");
    given.limits.headers = 40.try_into().expect("not 0");
    given.limits.body_bytes = BODY as u64;
    given.timeouts.body = Time(TIME);
    Fixture::with(|spec| spec.with_settings(given)).await
}

/// What is answered to a request: its status, and its JSON.
async fn told(fixture: &Fixture, method: &str, path: &str, rest: &str) -> (u16, Value) {
    let place = fixture.deployment.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(place).await.expect("it listens");
    let token = fixture.admin();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n");
    stream.write_all(head.as_bytes()).await.expect("it is open");
    stream.write_all(rest.as_bytes()).await.expect("it is open");
    read(&mut stream).await
}

async fn read(stream: &mut TcpStream) -> (u16, Value) {
    let mut all = String::new();
    let mut piece = [0; 4096];
    loop {
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut piece)).await;
        let length = read.expect("an answer in time").expect("it is open");
        assert!(length > 0, "closed after `{all}`");
        all.push_str(std::str::from_utf8(&piece[..length]).expect("it is text"));
        let Some((head, body)) = all.split_once("\r\n\r\n") else {
            continue;
        };
        if let Ok(body) = serde_json::from_str(body) {
            let status = head.split(' ').nth(1).expect("a status");
            return (status.parse().expect("a number"), body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_beyond_the_bounds_are_told_so() {
    let fixture = fixture().await;
    let table = [
        (
            "/mlflow/ajax-api/2.0/mlflow/experiments/get",
            "x-a: b\r\n".repeat(60),
            431,
        ),
        (
            "/mlflow/ajax-api/2.0/mlflow/experiments/get",
            format!("x-a: {}\r\n", "b".repeat(9000)),
            431,
        ),
        (
            &*format!(
                "/mlflow/ajax-api/2.0/mlflow/experiments/get?{}",
                "a".repeat(3000)
            ),
            String::new(),
            414,
        ),
        ("/", "x-a: b\r\n".repeat(60), 431),
    ];
    for (path, fields, expected) in table {
        let (status, json) = told(&fixture, "GET", path, &format!("{fields}\r\n")).await;
        assert_eq!(
            (status, &json["error_code"]),
            (expected, &json!("BAD_REQUEST")),
            "{path}"
        );
    }
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_says_that_it_is_too_large_reaches_nobody() {
    let fixture = fixture().await;
    let large = "a".repeat(BODY + 1);
    let rest = format!("content-length: {}\r\n\r\n{large}", large.len());
    for path in [UPLOAD, CHANGE] {
        let (status, json) = told(&fixture, "PUT", path, &rest).await;
        assert_eq!(status, 413);
        assert_eq!(
            json["message"],
            "The body is larger than this server accepts."
        );
    }
    // A client that asks first need not send it.
    let rest = "content-length: 999999999\r\nexpect: 100-continue\r\n\r\n";
    assert_eq!(told(&fixture, "PUT", UPLOAD, rest).await.0, 413);
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_turns_out_to_be_too_large_is_told_so() {
    let fixture = fixture().await;
    let piece = format!("2710\r\n{}\r\n", "a".repeat(10_000));
    let rest = format!(
        "transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        piece.repeat(11)
    );
    let (status, json) = told(&fixture, "PUT", UPLOAD, &rest).await;
    assert_eq!((status, &json["error_code"]), (413, &json!("BAD_REQUEST")));

    let rest = format!(
        "transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        piece.repeat(10)
    );
    assert_eq!(told(&fixture, "PUT", UPLOAD, &rest).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_told_so() {
    let fixture = fixture().await;
    let table = [
        ("PUT", UPLOAD, "content-length: 100\r\n\r\nabc"),
        (
            "PUT",
            UPLOAD,
            "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ),
        (
            "POST",
            CHANGE,
            "content-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        ),
    ];
    for (method, path, rest) in table {
        let (status, json) = told(&fixture, method, path, rest).await;
        assert_eq!(
            (status, &json["error_code"]),
            (408, &json!("BAD_REQUEST")),
            "{path}"
        );
    }
}

/// A byte now and then is no progress.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_is_told_so() {
    let fixture = fixture().await;
    let place = fixture.deployment.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(place).await.expect("it listens");
    let token = fixture.admin();
    let head = format!(
        "PUT {UPLOAD} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
         content-length: 90000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("it is open");
    let mut often = tokio::time::interval(TIME / 20);
    let (status, _) = loop {
        tokio::select! {
            biased;
            readable = stream.readable() => {
                readable.expect("it is open");
                break read(&mut stream).await;
            }
            _ = often.tick() => stream.write_all(b"a").await.expect("it is open"),
        }
    };
    assert_eq!(status, 408);
}
