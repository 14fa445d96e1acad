//! Connections to MLflow that are kept, and that it closes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{body::Body, http::Request};
use shell_gateway::settings::Settings;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::fixture::Fixture;

/// An MLflow that answers the first request of each connection, and closes on
/// the second as if it had been idle for too long. It counts both.
async fn forgetful() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_once(stream, counted.clone()));
        }
    });
    (origin, requests)
}

async fn answer_once(mut stream: TcpStream, requests: Arc<AtomicUsize>) {
    let mut piece = [0; 16 * 1024];
    if let Ok(1..) = stream.read(&mut piece).await {
        requests.fetch_add(1, Ordering::SeqCst);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let _ = stream.write_all(answer).await;
    }
    if let Ok(1..) = stream.read(&mut piece).await {
        requests.fetch_add(1, Ordering::SeqCst);
    }
}

async fn fixture(base: &str) -> Fixture {
    let given = Settings {
        upstreams: [("forgetful".to_owned(), base.into())].into(),
        ..Settings::default()
    };
    Fixture::with(|spec| spec.with_upstream("forgetful", &[]).with_settings(given)).await
}

async fn ask(fixture: &Fixture, method: &str, path: &str) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(format!(
            "{}/mlflow/@forgetful/ajax-api/2.0/mlflow/{path}",
            fixture.deployment.origin
        ))
        .header("authorization", format!("Bearer {}", fixture.admin()))
        .header("content-type", "application/json");
    let body = if method == "GET" {
        Body::empty()
    } else {
        Body::from("{}")
    };
    let answer = fixture.send(request.body(body).expect("a request")).await;
    answer.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_sent_again_when_a_kept_connection_is_closed_on_it() {
    let (origin, requests) = forgetful().await;
    let fixture = fixture(&origin).await;
    for number in 1..=3 {
        assert_eq!(
            ask(&fixture, "GET", "experiments/get?experiment_id=1").await,
            200,
            "{number}"
        );
    }
    // The second and the third were sent twice.
    assert_eq!(requests.load(Ordering::SeqCst), 5);
}

/// It may have been done.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_never_sent_twice() {
    let (origin, requests) = forgetful().await;
    let fixture = fixture(&origin).await;
    assert_eq!(ask(&fixture, "POST", "experiments/create").await, 200);
    assert_eq!(ask(&fixture, "POST", "experiments/create").await, 502);
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}
