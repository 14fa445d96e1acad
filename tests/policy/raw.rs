//! Requests as no client library would send them.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// Sends a request line, headers and a body byte for byte, and returns the
/// answer's status.
pub(crate) fn send(
    origin: &str,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<u16> {
    let address = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n"
    )?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    if !body.is_empty() {
        let length = body.len();
        write!(
            stream,
            "content-type: application/json\r\ncontent-length: {length}\r\n"
        )?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other(format!("no status in {answer:?}")))
}
