use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::*;
use crate::{
    http_client::{READ_BUFFER_BYTES, connector, network::Network},
    settings::Settings,
};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that does what a test says, and a pool that asks it.
struct Between {
    listener: TcpListener,
    pool: Pool,
}

impl Between {
    async fn with(per_server: usize, idle: Duration) -> Self {
        let connector = connector(&Settings::default(), &Network::default());
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            pool: Pool::new(connector, READ_BUFFER_BYTES, (per_server, idle)),
        }
    }

    async fn new() -> Self {
        Self::with(8, Duration::from_mins(1)).await
    }

    fn request(&self, method: &str, body: Body) -> Request {
        let address = self.listener.local_addr().unwrap();
        let request = Request::builder().method(method).header("host", "mlflow");
        request
            .uri(format!("http://{address}/a?b=c"))
            .body(body)
            .unwrap()
    }

    async fn accept(&self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }

    /// Asks, with a server that answers on a new connection, which is returned.
    async fn ask_anew(&self) -> TcpStream {
        let request = self.request("GET", Body::empty());
        let serve = async {
            let mut stream = self.accept().await;
            read_until(&mut stream, "\r\n\r\n").await;
            stream.write_all(ANSWER).await.unwrap();
            stream
        };
        let (answer, stream) = tokio::join!(answered(&self.pool, request), serve);
        assert_eq!(answer, "ok");
        stream
    }

    fn idle(&self) -> usize {
        self.pool.idle.lock().servers.values().map(Vec::len).sum()
    }
}

async fn answered(pool: &Pool, request: Request) -> Bytes {
    let answer = pool.request(request).await.unwrap();
    answer.into_body().collect().await.unwrap().to_bytes()
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut bytes = [0; 1024];
        let length = stream.read(&mut bytes).await.unwrap();
        assert_ne!(length, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
    text
}

/// Waits until the other side has closed the connection.
async fn closed(stream: &mut TcpStream) {
    let read = timeout(Duration::from_secs(10), stream.read(&mut [0; 64])).await;
    // Closed in good order, or reset.
    assert!(matches!(read.unwrap(), Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_connection_is_used_again_for_path_and_query() {
    let between = Between::new().await;
    let mut stream = between.ask_anew().await;
    let request = between.request("POST", Body::from("text"));
    let serve = async {
        let text = read_until(&mut stream, "text").await;
        stream.write_all(ANSWER).await.unwrap();
        text
    };
    let (answer, text) = tokio::join!(answered(&between.pool, request), serve);
    assert_eq!(answer, "ok");
    assert!(text.starts_with("POST /a?b=c HTTP/1.1\r\n"), "{text}");
    assert_eq!(between.idle(), 1);
}

#[tokio::test]
async fn a_change_is_sent_on_a_new_connection_where_the_server_closed_the_idle_one() {
    let between = Between::new().await;
    drop(between.ask_anew().await);
    // The runtime takes note of what has happened before it makes a connection.
    let address = between.listener.local_addr().unwrap();
    let (other, _) = tokio::join!(TcpStream::connect(address), between.accept());
    drop(other.unwrap());
    let request = between.request("POST", Body::from("text"));
    let serve = async {
        let mut stream = between.accept().await;
        read_until(&mut stream, "text").await;
        stream.write_all(ANSWER).await.unwrap();
    };
    let (answer, ()) = tokio::join!(answered(&between.pool, request), serve);
    assert_eq!(answer, "ok");
}

#[tokio::test]
async fn an_answer_that_is_given_up_has_its_connection_closed() {
    let between = Between::new().await;
    let request = between.request("GET", Body::empty());
    let serve = async {
        let mut stream = between.accept().await;
        read_until(&mut stream, "\r\n\r\n").await;
        let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegun";
        stream.write_all(begun).await.unwrap();
        stream
    };
    let (answer, mut stream) = tokio::join!(between.pool.request(request), serve);
    let mut body = answer.unwrap().into_body();
    let begun = body.frame().await.unwrap().unwrap();
    assert_eq!(begun.into_data().unwrap(), "begun");
    drop(body);
    closed(&mut stream).await;
    assert_eq!(between.idle(), 0);
}

#[tokio::test]
async fn a_request_that_is_given_up_has_its_connection_closed() {
    let between = Between::new().await;
    let request = between.request("GET", Body::empty());
    let mut stream = tokio::select! {
        _ = between.pool.request(request) => panic!("there is no answer"),
        stream = async {
            let mut stream = between.accept().await;
            read_until(&mut stream, "\r\n\r\n").await;
            stream
        } => stream,
    };
    closed(&mut stream).await;
}

#[tokio::test]
async fn a_connection_is_idle_once_the_request_too_has_come_to_its_end() {
    let between = Between::new().await;
    let (mut more, rest) = tokio::io::duplex(64);
    let body = stream::unfold(rest, |mut rest| async {
        let mut bytes = [0; 64];
        let length = rest.read(&mut bytes).await.ok()?;
        let frame = Frame::data(Bytes::copy_from_slice(&bytes[..length]));
        (length > 0).then_some((Ok::<_, std::io::Error>(frame), rest))
    });
    let request = between.request("POST", Body::new(StreamBody::new(Box::pin(body))));
    let serve = async {
        let mut stream = between.accept().await;
        read_until(&mut stream, "\r\n\r\n").await;
        stream.write_all(ANSWER).await.unwrap();
        stream
    };
    let (answer, mut stream) = tokio::join!(answered(&between.pool, request), serve);
    assert_eq!(answer, "ok");
    assert_eq!(between.idle(), 0, "the request is still being sent");

    more.write_all(b"rest").await.unwrap();
    drop(more);
    read_until(&mut stream, "0\r\n\r\n").await;
    while between.idle() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn so_many_connections_are_kept_and_only_for_so_long() {
    let between = Between::with(1, Duration::from_millis(200)).await;
    let asked = [0; 2].map(|_| {
        let request = between.request("GET", Body::empty());
        answered(&between.pool, request)
    });
    let serve = async {
        let mut streams = [between.accept().await, between.accept().await];
        for stream in &mut streams {
            read_until(stream, "\r\n\r\n").await;
        }
        for stream in &mut streams {
            stream.write_all(ANSWER).await.unwrap();
        }
        streams
    };
    let [first, second] = asked;
    let (_, _, mut streams) = tokio::join!(first, second, serve);
    assert_eq!(between.idle(), 1);
    for stream in &mut streams {
        closed(stream).await;
    }
    assert_eq!(between.idle(), 0);
}

#[tokio::test]
async fn who_cannot_be_reached_is_told_from_who_breaks_off() {
    let between = Between::new().await;
    let request = between.request("GET", Body::empty());
    let (broken, ()) = tokio::join!(between.pool.request(request), async {
        read_until(&mut between.accept().await, "\r\n\r\n").await;
    });
    assert!(matches!(broken, Err(PoolError::Http(_))), "{broken:?}");
    let request = between.request("GET", Body::empty());
    let Between { listener, pool } = between;
    drop(listener);
    let refused = pool.request(request).await;
    assert!(matches!(refused, Err(PoolError::Connect(_))), "{refused:?}");
}
