//! Questions to servers on this machine.

use std::{
    net::{TcpListener, ToSocketAddrs},
    time::Duration,
};

use crate::failure::{Explain, Failure, Result};

/// Returns whether a GET of `url` is answered with success.
pub(crate) fn is_healthy(url: &str) -> bool {
    agent().get(url).call().is_ok()
}

/// Returns whether something accepts connections at the host of an `https` URL.
pub(crate) fn accepts_connections(url: &str) -> bool {
    let authority = url.trim_start_matches("https://").split('/').next();
    let Some(authority) = authority else {
        return false;
    };
    let with_port = if authority.contains(':') {
        authority.to_owned()
    } else {
        format!("{authority}:443")
    };
    let Ok(mut addresses) = with_port.to_socket_addrs() else {
        return false;
    };
    addresses.any(|address| {
        std::net::TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_ok()
    })
}

/// Fails unless `port` is free on loopback; `what` needs it.
pub(crate) fn require_free_port(port: u16, what: &str) -> Result<()> {
    if TcpListener::bind(("127.0.0.1", port)).is_ok() {
        return Ok(());
    }
    Err(Failure::because(format!(
        "port {port}, which {what} needs, is taken: stop the program that uses it, \
         or choose another with `--port`"
    )))
}

/// Returns a port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let address = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(address
        .explain(|| "no port on loopback is free".to_owned())?
        .port())
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        // A proxy set for the outside world has no business on loopback.
        .proxy(None)
        .build()
        .into()
}
