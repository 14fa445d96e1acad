//! HTTP/2, without TLS by prior knowledge.

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::{Request, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use shell_gateway::settings::Settings;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fixture::{SHORT, TestServer, until_closed, within};

pub(crate) type Client = http2::SendRequest<Body>;

/// Speaks HTTP/2 over a connection, with windows of this size.
pub(crate) async fn speak(
    io: impl AsyncReadExt + AsyncWriteExt + Send + Unpin + 'static,
    window: u32,
) -> Client {
    let begun = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(TokioIo::new(io))
        .await;
    let (client, connection) = begun.expect("it speaks HTTP/2");
    tokio::spawn(connection);
    client
}

/// A large window.
pub(crate) const WIDE: u32 = 1 << 20;

pub(crate) fn get(path: &str) -> Request<Body> {
    let request = Request::get(format!("http://a{path}")).body(Body::empty());
    request.expect("a request")
}

/// Asks for `/`, and for all of its body.
pub(crate) async fn expect_here(client: &mut Client) {
    let response = within(client.send_request(get("/"))).await;
    let body = response.expect("an answer").into_body().collect().await;
    assert_eq!(body.expect("a body").to_bytes(), "here");
}

#[tokio::test]
async fn many_requests_share_one_connection() {
    let server = TestServer::start(&Settings::default());
    let mut client = speak(server.connect().await, WIDE).await;
    let held = client.send_request(get("/held"));
    within(server.state.begun.notified()).await;
    for _ in 0..200 {
        expect_here(&mut client).await;
    }
    server.state.leave.0.add_permits(1);
    assert_eq!(within(held).await.expect("an answer").status(), 200);
}

/// The connection is read all the time: only the one answer is given up.
#[tokio::test]
async fn an_answer_that_is_not_read_is_given_up_and_the_others_go_on() {
    let mut settings = Settings::default();
    settings.timeouts.reader = SHORT;
    let server = TestServer::start(&settings);
    let mut client = speak(server.connect().await, 64 * 1024).await;
    let unread = within(client.send_request(get("/endless")))
        .await
        .expect("an answer");
    server.until_nothing_endless().await;
    let answer = within(client.send_request(get("/")))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let mut unread = unread.into_body();
    let broken = within(async { while let Some(Ok(_)) = unread.frame().await {} });
    broken.await;
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let mut settings = Settings::default();
    settings.timeouts.idle = SHORT;
    let server = TestServer::start(&settings);
    let mut client = speak(server.connect().await, WIDE).await;
    let answer = within(client.send_request(get("/")))
        .await
        .expect("an answer");
    answer.into_body().collect().await.expect("a body");
    within(async {
        while client.ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty SETTINGS frame (RFC 9113 §6.5).
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_given_up() {
    let mut settings = Settings::default();
    settings.timeouts.ping = SHORT;
    let server = TestServer::start(&settings);
    let mut stream = server.connect().await;
    stream
        .write_all(&[PREFACE, SETTINGS].concat())
        .await
        .expect("it listens");
    drain(&mut stream).await;
}

/// `HEADERS` and `RST_STREAM` again and again (CVE-2023-44487).
#[tokio::test]
async fn a_flood_of_resets_ends_the_connection() {
    let server = TestServer::start(&Settings::default());
    let mut stream = server.connect().await;
    let (mut reader, mut writer) = stream.split();
    writer
        .write_all(&[PREFACE, SETTINGS].concat())
        .await
        .expect("it listens");
    let flood = async {
        for number in (1_u32..).step_by(2) {
            // :method GET, :path /, :scheme http, from HPACK's static table.
            let head = [
                &[0, 0, 3, 1, 5][..],
                &number.to_be_bytes(),
                &[0x82, 0x84, 0x86],
            ]
            .concat();
            let reset = [&[0, 0, 4, 3, 0][..], &number.to_be_bytes(), &[0, 0, 0, 8]].concat();
            if writer.write_all(&[head, reset].concat()).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = drain(&mut reader) => {}
        () = within(flood) => {}
    }
}

/// Only so many requests at a time are seen; the client is told so.
#[tokio::test]
async fn requests_beyond_the_bound_wait_for_their_turn() {
    let mut settings = Settings::default();
    settings.limits.streams = 2.try_into().expect("not 0");
    let server = TestServer::start(&settings);
    let mut client = speak(server.connect().await, WIDE).await;
    // The settings of the server have come with the first answer.
    within(client.send_request(get("/")))
        .await
        .expect("an answer");
    let held: Vec<_> = (0..3)
        .map(|_| tokio::spawn(client.send_request(get("/held"))))
        .collect();
    for _ in 0..2 {
        within(server.state.begun.notified()).await;
    }
    let third = tokio::time::timeout(SHORT.0, server.state.begun.notified()).await;
    assert!(third.is_err());
    server.state.leave.0.add_permits(3);
    for answer in held {
        let answer = within(answer).await.expect("it ran");
        assert_eq!(answer.expect("an answer").status(), 200);
    }
}

#[tokio::test]
async fn what_is_neither_is_refused() {
    let server = TestServer::start(&Settings::default());
    let mut stream = server.connect().await;
    stream
        .write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
        .await
        .expect("it listens");
    let said = until_closed(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    drop(
        TcpStream::connect(server.address)
            .await
            .expect("it goes on"),
    );
}

async fn drain(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut piece = [0; 4096];
    while let Ok(1..) = within(stream.read(&mut piece)).await {}
}
