//! `[limits]`: limits.

use std::num::{NonZeroU32, NonZeroUsize};

use serde::{Deserialize, Serialize};

use super::Time;

/// The limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections of clients; further ones wait until one ends.
    pub connections: NonZeroUsize,
    /// Bytes of a request's head.
    pub head_bytes: NonZeroUsize,
    /// Fields of a request's head.
    pub headers: NonZeroUsize,
    /// Bytes of a request's path and query.
    pub url_bytes: NonZeroUsize,
    /// Bytes of a request's body. Artifacts are as large as they are.
    pub body_bytes: u64,
    /// Bytes that a body or the reader of an answer must move in its time.
    pub progress: NonZeroUsize,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: NonZeroUsize,
    /// Connections to MLflow that are kept for the next request.
    pub pool: NonZeroUsize,
    /// Requests for MLflow that are under way.
    pub requests: NonZeroUsize,
    /// Those of one user.
    pub requests_per_user: NonZeroUsize,
    /// Requests that wait for their turn.
    pub queue: usize,
    /// How long one waits.
    pub wait: Time,
    /// Requests of one client a second for tokens: to the provider's token
    /// endpoint by way of the gateway, or for a program.
    pub tokens_per_second: NonZeroU32,
    /// Returns of framed sign-ins that one client leaves a second.
    pub deposits_per_second: NonZeroU32,
    /// How often one client asks a second for the return of a framed sign-in.
    pub collections_per_second: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: number(16 * 1024),
            head_bytes: number(64 * 1024),
            headers: number(64),
            url_bytes: number(16 * 1024),
            body_bytes: 1 << 40,
            progress: number(1024),
            streams: number(128),
            pool: number(1024),
            requests: number(512),
            requests_per_user: number(128),
            queue: 1024,
            wait: Time::seconds(10),
            tokens_per_second: rate(20),
            // With what may come at once that is 750 in the two minutes for which
            // one is kept: no client fills the store alone.
            deposits_per_second: rate(5),
            collections_per_second: rate(150),
        }
    }
}

const fn number(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("no default is 0")
}

const fn rate(rate: u32) -> NonZeroU32 {
    NonZeroU32::new(rate).expect("no default is 0")
}
