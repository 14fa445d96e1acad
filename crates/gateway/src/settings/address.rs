//! Addresses to listen on.

use std::{fmt, net::SocketAddr};

use serde::{Deserializer, de};

/// A text that is no address to listen on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no address to listen on: write an IP address and a port, such as \
     `127.0.0.1:8080` for this machine only, or `0.0.0.0:8080` and `[::]:8080` for all"
)]
pub struct NoAddress(String);

/// Reads an address to listen on. Names are not looked up: what they stand for may
/// change, and with it who reaches the gateway.
///
/// # Errors
/// With what an address looks like.
pub fn listen_address(text: &str) -> Result<SocketAddr, NoAddress> {
    text.parse().map_err(|_| NoAddress(text.to_owned()))
}

pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    deserializer.deserialize_any(Text)
}

pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    required(deserializer).map(Some)
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = SocketAddr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an IP address and a port, such as `127.0.0.1:8080`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SocketAddr, E> {
        listen_address(text).map_err(E::custom)
    }

    /// The environment has a number for `8080`.
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<SocketAddr, E> {
        self.visit_str(&number.to_string())
    }
}
