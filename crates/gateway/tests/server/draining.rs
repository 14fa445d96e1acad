//! The end: nothing that was begun is lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use shell_gateway::settings::Settings;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    fixture::{SHORT, TestServer, answer, until_closed, within},
    http2::{WIDE, get, speak},
};

#[tokio::test]
async fn a_request_under_way_is_answered_and_its_connection_closed() {
    let mut server = TestServer::start(&Settings::default());
    let mut stream = server.hold_request().await;

    server.draining.begin();
    until_refused(&server).await;
    assert!(!server.serving.is_finished());
    server.state.leave.0.add_permits(1);
    let said = until_closed(&mut stream).await;
    assert!(
        said.contains("connection: close") && said.ends_with("held"),
        "{said}"
    );
    within(&mut server.serving)
        .await
        .expect("it ends")
        .expect("well");
}

#[tokio::test]
async fn http2_is_told_to_go_away_and_answered_still() {
    let mut server = TestServer::start(&Settings::default());
    let mut client = speak(server.connect().await, WIDE).await;
    let held = tokio::spawn(client.send_request(get("/held")));
    within(server.state.begun.notified()).await;

    server.draining.begin();
    // What comes before the client has heard of it is answered, too.
    within(async { while client.send_request(get("/")).await.is_ok() {} }).await;
    server.state.leave.0.add_permits(1);
    let answer = within(held).await.expect("it ran").expect("an answer");
    assert_eq!(answer.status(), 200);
    drop(answer);
    within(&mut server.serving)
        .await
        .expect("it ends")
        .expect("well");
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off() {
    let mut settings = Settings::default();
    settings.timeouts.drain = SHORT;
    let mut server = TestServer::start(&settings);
    let _stream = server.hold_request().await;
    server.draining.begin();
    within(&mut server.serving)
        .await
        .expect("it ends")
        .expect("well");
}

/// Clients that keep their connections, as fast as they can: each request that
/// was sent is answered; what cannot be sent any more was never begun.
#[tokio::test(flavor = "multi_thread")]
async fn under_load_no_request_is_lost() {
    let mut server = TestServer::start(&Settings::default());
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..16)
        .map(|_| tokio::spawn(ask_on(server.address, answered.clone())))
        .collect();
    while answered.load(Ordering::SeqCst) < 1000 {
        tokio::task::yield_now().await;
    }
    server.draining.begin();
    within(&mut server.serving)
        .await
        .expect("it ends")
        .expect("well");
    for client in clients {
        within(client).await.expect("no request is lost");
    }
}

/// Asks until it is told to close, and connects again until that is refused.
async fn ask_on(address: std::net::SocketAddr, answered: Arc<AtomicUsize>) {
    while let Ok(mut stream) = TcpStream::connect(address).await {
        loop {
            stream
                .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                .await
                .expect("it is open");
            let said = answer(&mut stream).await;
            assert!(said.ends_with("here"), "{said}");
            answered.fetch_add(1, Ordering::SeqCst);
            if said.contains("connection: close") {
                break;
            }
        }
    }
}

async fn until_refused(server: &TestServer) {
    within(async { while TcpStream::connect(server.address).await.is_ok() {} }).await;
}
