//! The addresses that `serve` would listen on.

use std::{io, net::SocketAddr};

use anyhow::{Result, anyhow, ensure};
use shell_gateway::settings::Settings;

use super::Finding;

/// Opens each for a moment, as `serve` would.
pub(super) fn findings(settings: &Settings) -> Vec<Finding> {
    let mut findings: Vec<Finding> = vec![("listen".into(), of_gateway(settings))];
    if let Some(listen) = settings.metrics.listen {
        findings.push(("metrics".into(), of_metrics(listen, settings.listen)));
    }
    findings
}

fn of_gateway(settings: &Settings) -> Result<String> {
    let listen = settings.listen;
    open(listen, "--listen")?;
    if listen.ip().is_loopback() || settings.tls.certificate.is_some() {
        return Ok(listen.to_string());
    }
    Ok(format!(
        "{listen} in plain HTTP: let nobody but a TLS terminator reach it, or set `tls`"
    ))
}

fn of_metrics(listen: SocketAddr, gateway: SocketAddr) -> Result<String> {
    ensure!(
        !overlap(listen, gateway),
        "`metrics.listen` {listen} and `listen` {gateway} are the same: the metrics are for \
         Prometheus and not for users, so give them a port of their own, such as 127.0.0.1:9090"
    );
    open(listen, "metrics.listen")?;
    Ok(listen.to_string())
}

/// Whether one port cannot be listened on at both; 0 is any that is free.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let covers = |one: SocketAddr, other: SocketAddr| {
        one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified()
    };
    one.port() == other.port() && one.port() != 0 && covers(one, other)
}

fn open(listen: SocketAddr, setting: &str) -> Result<()> {
    let opened = shell_gateway::listen(listen);
    opened.map(drop).map_err(|error| {
        anyhow!(
            "cannot listen on {listen} ({setting}): {error}{}",
            cure(&error)
        )
    })
}

/// What to do about the failures that have a cure.
const CURES: [(io::ErrorKind, &str); 3] = [
    (
        io::ErrorKind::AddrInUse,
        ": another program listens there, or a gateway that runs: stop it, or take another port",
    ),
    (
        io::ErrorKind::AddrNotAvailable,
        ": this machine has no such address; 0.0.0.0 and [::] are all that it has",
    ),
    (
        io::ErrorKind::PermissionDenied,
        ": ports below 1024 take the capability CAP_NET_BIND_SERVICE; 8080 takes none",
    ),
];

fn cure(error: &io::Error) -> &'static str {
    let found = CURES.iter().find(|(kind, _)| *kind == error.kind());
    found.map_or("", |(_, cure)| cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_is_not_for_two() {
        let table = [
            ("127.0.0.1:8080", "127.0.0.1:8080", true),
            ("0.0.0.0:8080", "127.0.0.1:8080", true),
            ("127.0.0.1:8080", "[::]:8080", true),
            ("127.0.0.1:8080", "127.0.0.2:8080", false),
            ("127.0.0.1:8080", "127.0.0.1:9090", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ];
        for (one, other, expected) in table {
            let [one, other] = [one, other].map(|text| text.parse().unwrap());
            assert_eq!(overlap(one, other), expected, "{one} {other}");
        }
    }
}
