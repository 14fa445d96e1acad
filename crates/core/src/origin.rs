//! Web origins, compared as origins: scheme, host without case, port.

use std::{fmt, net::Ipv4Addr};

use serde::{Deserialize, Deserializer, Serialize};

use crate::read;

/// `scheme://host[:port]`, normalised as RFC 6454 §6.2 serialises it.
///
/// Only what the shell may talk to can be written down: `https`, or `http` on
/// the loopback host (a secure context all the same), an ASCII host, no user
/// name, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    loopback: bool,
}

/// Why a text is not an [`Origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginError {
    /// It begins with neither `https://` nor `http://`.
    Scheme,
    /// Plain `http` on a host that is not loopback.
    Insecure,
    /// The host is empty or has characters a host name cannot have.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// Something follows the host and port.
    Trailing,
}

impl Origin {
    /// Parses `text`; one final `/` is accepted and dropped.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (secure, rest) = split_scheme(text)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let ends_authority = |byte| matches!(byte, b'/' | b'?' | b'#' | b'@' | b'\\');
        if authority.bytes().any(ends_authority) {
            return Err(OriginError::Trailing);
        }
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        let loopback = is_loopback(&host);
        if !secure && !loopback {
            return Err(OriginError::Insecure);
        }
        let scheme = if secure { "https" } else { "http" };
        let text = match port {
            Some(port) if port != default_port(secure) => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Ok(Self { text, loopback })
    }

    /// The origin of a URL, whatever its path, query and fragment.
    ///
    /// # Errors
    /// If it has a user name, or no origin that can be written down.
    pub fn of_url(url: &str) -> Result<Self, OriginError> {
        let (_, rest) = split_scheme(url)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let end = url.len() - rest.len() + authority.len();
        Self::parse(url.get(..end).unwrap_or(url))
    }

    /// As [`parse`](Self::parse), with what is wrong in words.
    pub(crate) fn explain(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("is `{text}`, which {error}"))
    }

    /// The origin as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether browsers are to insist on TLS for its host: it has TLS, and the
    /// host is not this machine, on which other ports are other servers'.
    pub fn insists_on_tls(&self) -> bool {
        self.text.starts_with("https://") && !self.loopback
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

fn split_scheme(text: &str) -> Result<(bool, &str), OriginError> {
    let after = |scheme: &str| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let secure = after("https://").map(|rest| (true, rest));
    secure
        .or_else(|| after("http://").map(|rest| (false, rest)))
        .ok_or(OriginError::Scheme)
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(parse_port(port)?)),
        _ => (authority, None),
    };
    let named = |host: &str| {
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
    };
    if host == "[::1]" || (!host.is_empty() && named(host)) {
        Ok((host, port))
    } else {
        Err(OriginError::Host)
    }
}

fn parse_port(text: &str) -> Result<u16, OriginError> {
    match text.parse() {
        Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err(OriginError::Port),
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// `localhost` and its subdomains (RFC 6761 §6.3), 127.0.0.0/8 (RFC 1122
/// §3.2.1.3) and `[::1]`.
fn is_loopback(host: &str) -> bool {
    let is_address = || {
        host.parse()
            .is_ok_and(|address: Ipv4Addr| address.is_loopback())
    };
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || is_address()
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "must begin with https:// (or http://localhost)",
            Self::Insecure => "must use https:// unless the host is localhost",
            Self::Host => "has no valid host name",
            Self::Port => "has no valid port number",
            Self::Trailing => "must be only scheme, host and port, with no path",
        })
    }
}

impl Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::checked(deserializer, |text| Self::explain(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_a_url_is_what_is_before_its_path() {
        use OriginError as E;
        let table = [
            ("https://A.example/@dev", Ok("https://a.example")),
            ("https://a.example:8443?x#y", Ok("https://a.example:8443")),
            ("http://localhost:8080/mlflow/", Ok("http://localhost:8080")),
            ("https://a.example", Ok("https://a.example")),
            ("https://me:pw@a.example/x", Err(E::Trailing)),
            ("https://a.example\\@b.example/", Err(E::Trailing)),
            ("http://a.example/", Err(E::Insecure)),
            ("databricks", Err(E::Scheme)),
        ];
        for (url, expected) in table {
            let parsed = Origin::of_url(url);
            let found = parsed.as_ref().map(Origin::as_str).map_err(|error| *error);
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn origins_are_normalised_or_refused() {
        use OriginError as E;
        let table = [
            ("https://Shell.Example.com", Ok("https://shell.example.com")),
            ("https://a.example:443/", Ok("https://a.example")),
            ("https://a.example:8443", Ok("https://a.example:8443")),
            ("http://localhost:8080", Ok("http://localhost:8080")),
            ("http://studio.localhost", Ok("http://studio.localhost")),
            ("http://[::1]:9", Ok("http://[::1]:9")),
            ("http://127.1.2.3:9", Ok("http://127.1.2.3:9")),
            ("http://127.1", Err(E::Insecure)),
            ("http://127.0.0.1.evil.test", Err(E::Insecure)),
            ("http://10.0.0.1", Err(E::Insecure)),
            ("http://a.example", Err(E::Insecure)),
            ("http://localhost.evil.test", Err(E::Insecure)),
            ("ftp://a.example", Err(E::Scheme)),
            ("a.example", Err(E::Scheme)),
            ("*", Err(E::Scheme)),
            ("https://", Err(E::Host)),
            ("https://*.example.com", Err(E::Host)),
            ("https://good@evil.test", Err(E::Trailing)),
            ("https://good.test\\@evil.test", Err(E::Trailing)),
            ("https://a.example/path", Err(E::Trailing)),
            ("https://a.example?x", Err(E::Trailing)),
            ("https://a.example:0", Err(E::Port)),
            ("https://a.example:+80", Err(E::Port)),
            ("https://a.example:99999", Err(E::Port)),
        ];
        for (text, expected) in table {
            let parsed = Origin::parse(text);
            let found = parsed.as_ref().map(Origin::as_str).map_err(|error| *error);
            assert_eq!(found, expected, "{text}");
        }
    }
}
