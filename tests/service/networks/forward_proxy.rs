//! A forward proxy on this machine.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// A forward proxy: opens tunnels (CONNECT) to idp.invalid, for who shows the
/// password. Its DNS is `port`.
pub(crate) struct ForwardProxy {
    pub(crate) port: u16,
    tunnels: Arc<AtomicUsize>,
}

impl ForwardProxy {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let own = listener.local_addr().expect("an address").port();
        let tunnels = Arc::<AtomicUsize>::default();
        let count = tunnels.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(open(stream, port, count.clone()));
            }
        });
        Self { port: own, tunnels }
    }

    /// How many tunnels were opened.
    pub(crate) fn tunnels(&self) -> usize {
        self.tunnels.load(Ordering::SeqCst)
    }
}

async fn open(mut client: TcpStream, port: u16, count: Arc<AtomicUsize>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    // Of `user:secret`.
    let is_admitted = head.contains("Basic dXNlcjpzZWNyZXQ=");
    if !is_admitted || !head.starts_with("CONNECT idp.invalid:443 ") {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await;
    }
    count.fetch_add(1, Ordering::SeqCst);
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
