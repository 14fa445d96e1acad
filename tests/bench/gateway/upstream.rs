//! The server behind all proxies: its answers are in memory, and it does
//! nothing but send them. It has a thread of its own.

use std::{convert::Infallible, net::SocketAddr, thread};

use anyhow::Result;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    header::{CONTENT_LENGTH, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, runtime::Builder};

use crate::scenario::{ARTIFACT, LARGE, SMALL};

/// How much of an artifact is sent or taken at a time.
pub(crate) const CHUNK: usize = 64 * 1024;

pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// What it answers with.
#[derive(Debug, Clone)]
struct Answers {
    small: Bytes,
    large: Bytes,
    keys: Bytes,
}

/// Starts it, with the issuer's `keys` at `/keys`, and returns where it is.
pub(crate) fn start(keys: String) -> Result<SocketAddr> {
    let answers = Answers {
        small: json(SMALL),
        large: json(LARGE),
        keys: keys.into(),
    };
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = Builder::new_current_thread().enable_io().build()?;
    thread::spawn(move || runtime.block_on(serve(listener, answers)));
    Ok(address)
}

async fn serve(listener: std::net::TcpListener, answers: Answers) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let set = tokio::task::LocalSet::new();
    set.run_until(async {
        loop {
            let (connection, _) = listener.accept().await?;
            connection.set_nodelay(true)?;
            let answers = answers.clone();
            let answer = service_fn(move |request| answer(answers.clone(), request));
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(connection), answer);
            tokio::task::spawn_local(connection);
        }
    })
    .await
}

async fn answer(answers: Answers, request: Request<Incoming>) -> hyper::Result<Response<Body>> {
    let (request, mut body) = request.into_parts();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    let (length, body) = match request.uri.path() {
        "/keys" => whole(answers.keys),
        path if path.ends_with("/search") => whole(answers.large),
        path if path.ends_with("/get-artifact") => (ARTIFACT, artifact()),
        path if path.contains("/artifacts/") => whole(Bytes::from_static(b"{}")),
        _ => whole(answers.small),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(CONTENT_TYPE, "application/json".parse().expect("a header"));
    Ok(response)
}

fn whole(bytes: Bytes) -> (usize, Body) {
    (bytes.len(), Full::new(bytes).boxed())
}

/// An artifact's bytes, none of which is copied before it is written.
pub(crate) fn artifact() -> Body {
    let chunk = Bytes::from(vec![b'x'; CHUNK]);
    let chunks = stream::repeat(chunk).take(ARTIFACT / CHUNK);
    BodyExt::boxed(StreamBody::new(chunks.map(|chunk| Ok(Frame::data(chunk)))))
}

/// JSON of that length, such as MLflow answers with.
fn json(length: usize) -> Bytes {
    let mut text =
        String::from(r#"{"run":{"info":{"status":"FINISHED"},"data":{"params":[{"key":"#);
    text.push('"');
    while text.len() + 7 < length {
        text.push('p');
    }
    text.push_str(r#""}]}}}"#);
    text.push_str(&" ".repeat(length - text.len()));
    text.into()
}
