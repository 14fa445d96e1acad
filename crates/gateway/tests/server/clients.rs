//! What a router is told of whoever sends a request.

use shell_gateway::settings::Settings;
use tokio::io::AsyncWriteExt;

use crate::fixture::{TestServer, answer};

/// Whatever the request itself says of it.
#[tokio::test]
async fn a_client_is_the_address_that_its_connection_comes_from() {
    let server = TestServer::start(&Settings::default());
    let mut stream = server.connect().await;
    let client = stream.local_addr().expect("it has an address").to_string();
    let requests = [
        "GET /client HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /client HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.1\r\n\r\n",
    ];
    for request in requests {
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it listens");
        let said = answer(&mut stream).await;
        assert!(said.ends_with(&client), "{said}");
    }
}
