//! Heads that do not come, or do not come to an end, and clients too many.

use shell_gateway::settings::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fixture::{SHORT, TestServer, answer, until_closed};

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

fn impatient() -> Settings {
    let mut settings = Settings::default();
    settings.timeouts.head = SHORT;
    settings
}

#[tokio::test]
async fn a_head_that_does_not_end_is_answered_408() {
    let server = TestServer::start(&impatient());
    for begun in ["G", "GET / HTTP/1.1\r\nhost: a\r\nx-y", "PRI * HTTP/1"] {
        let said = server.tell(begun).await;
        assert!(
            said.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
            "{begun}: {said}"
        );
        let (_, body) = said.split_once("\r\n\r\n").expect("a body");
        let body: serde_json::Value = serde_json::from_str(body).expect("MLflow's JSON");
        assert_eq!(body["error_code"], "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_head_that_trickles_has_no_more_time_than_one_that_stalls() {
    let server = TestServer::start(&impatient());
    let mut stream = server.connect().await;
    let (mut reader, mut writer) = stream.split();
    let trickle = async {
        writer
            .write_all(b"GET / HTTP/1.1\r\n")
            .await
            .expect("it listens");
        let mut often = tokio::time::interval(SHORT.0 / 20);
        while writer.write_all(b"a: b\r\n").await.is_ok() {
            often.tick().await;
        }
    };
    let said = tokio::select! {
        said = until_closed(&mut reader) => said,
        () = trickle => panic!("what was said is not read"),
    };
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
}

#[tokio::test]
async fn the_clock_of_a_head_begins_with_its_first_byte() {
    let mut settings = impatient();
    settings.timeouts.idle.0 = SHORT.0 * 3;
    let server = TestServer::start(&settings);
    let mut stream = server.connect().await;
    for _ in 0..2 {
        // Longer than a head may take, and shorter than a connection may idle.
        let silent = tokio::time::timeout(SHORT.0 * 2, stream.read_u8()).await;
        assert!(silent.is_err(), "{silent:?}");
        stream
            .write_all(REQUEST.as_bytes())
            .await
            .expect("it is open");
        assert!(answer(&mut stream).await.ends_with("here"));
    }
    assert_eq!(
        until_closed(&mut stream).await,
        "",
        "closed when idle, and nothing said"
    );
}

#[tokio::test]
async fn a_request_under_way_is_not_an_idle_connection() {
    let mut settings = impatient();
    settings.timeouts.idle = SHORT;
    let server = TestServer::start(&settings);
    let mut stream = server.hold_request().await;
    let silent = tokio::time::timeout(SHORT.0 * 3, stream.read_u8()).await;
    assert!(silent.is_err(), "{silent:?}");
    server.state.leave.0.add_permits(1);
    assert!(answer(&mut stream).await.ends_with("held"));
}

#[tokio::test]
async fn further_connections_wait_until_there_is_room() {
    let mut settings = Settings::default();
    settings.limits.connections = 2.try_into().expect("not 0");
    let server = TestServer::start(&settings);
    let mut first = server.connect().await;
    let second = server.connect().await;
    first
        .write_all(REQUEST.as_bytes())
        .await
        .expect("it listens");
    assert!(answer(&mut first).await.ends_with("here"));

    let mut third = server.connect().await;
    third
        .write_all(REQUEST.as_bytes())
        .await
        .expect("it is in the queue");
    let silent = tokio::time::timeout(SHORT.0, third.read_u8()).await;
    assert!(silent.is_err(), "{silent:?}");

    drop(second);
    assert!(answer(&mut third).await.ends_with("here"));
}

/// The outer bounds are hyper's, which says nothing more than the status.
#[tokio::test]
async fn heads_far_beyond_the_bounds_are_refused_before_they_are_kept() {
    let mut settings = Settings::default();
    settings.limits.head_bytes = 4096.try_into().expect("not 0");
    settings.limits.headers = 10.try_into().expect("not 0");
    let server = TestServer::start(&settings);
    let many = "a: b\r\n".repeat(150);
    let large = format!("a: {}\r\n", "b".repeat(64 * 1024));
    for fields in [many, large] {
        let said = server
            .tell(&format!("GET / HTTP/1.1\r\nhost: a\r\n{fields}\r\n"))
            .await;
        assert!(said.starts_with("HTTP/1.1 431 "), "{said}");
    }
}
