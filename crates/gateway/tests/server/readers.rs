//! Clients that do not take what they asked for.

use std::{net::SocketAddr, time::Instant};

use shell_gateway::settings::Settings;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::fixture::{SHORT, TestServer, within};

fn impatient() -> Settings {
    let mut settings = Settings::default();
    settings.timeouts.reader = SHORT;
    settings
}

/// Connects with little room for what is not read yet.
async fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a size");
    socket.connect(address).await.expect("it listens")
}

#[tokio::test]
async fn whoever_does_not_read_holds_nothing_up() {
    let server = TestServer::start(&impatient());
    let mut stream = connect(server.address).await;
    stream
        .write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("it listens");
    within(server.state.begun.notified()).await;
    server.until_nothing_endless().await;
}

#[tokio::test]
async fn whoever_reads_slowly_but_steadily_is_served() {
    let server = TestServer::start(&impatient());
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("it listens");
    within(server.state.begun.notified()).await;
    let began = Instant::now();
    let mut often = tokio::time::interval(SHORT.0 / 100);
    let mut piece = vec![0; 1024 * 1024];
    while began.elapsed() < SHORT.0 * 4 {
        often.tick().await;
        let length = within(stream.read(&mut piece)).await.expect("it is open");
        assert!(length > 0, "closed after {:?}", began.elapsed());
    }
}
