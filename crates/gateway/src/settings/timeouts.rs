//! `[timeouts]`: timeouts.

use serde::{Deserialize, Serialize};

use super::{Time, time};

/// The timeouts. Each is a text such as `30s`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// A TLS handshake.
    pub handshake: Time,
    /// The head of a request, from its first byte to its last.
    pub head: Time,
    /// A request's body may bring less than `limits.progress` for so long.
    pub body: Time,
    /// A client may take less than `limits.progress` of an answer for so long.
    pub reader: Time,
    /// A connection without a request.
    pub idle: Time,
    /// The answer to a ping on an HTTP/2 connection, which is sent as often.
    pub ping: Time,
    /// Connecting to MLflow or the issuer.
    pub connect: Time,
    /// MLflow, until its answer begins. Searches over many runs on a slow
    /// database are known to take a minute.
    pub answer: Time,
    /// The same for a model behind MLflow's AI gateway. MLflow itself gives up after
    /// 300 s (`MLFLOW_GATEWAY_ROUTE_TIMEOUT_SECONDS`), and then says so.
    pub model: Time,
    /// A connection to MLflow that is kept for the next request. It is shorter
    /// than the 5 s after which uvicorn closes its end: a connection that the
    /// server closes first may fail a request.
    pub pool: Time,
    /// Requests in flight when the program drains.
    pub drain: Time,
    /// How long the program, told to shut down, serves before it drains. Only this may
    /// be `0s`.
    #[serde(deserialize_with = "time::or_zero")]
    pub shutdown_delay: Time,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Time::seconds(10),
            head: Time::seconds(20),
            body: Time::seconds(30),
            reader: Time::seconds(120),
            idle: Time::seconds(75),
            ping: Time::seconds(20),
            connect: Time::seconds(5),
            answer: Time::seconds(180),
            model: Time::seconds(330),
            pool: Time::seconds(4),
            drain: Time::seconds(25),
            shutdown_delay: Time::seconds(0),
        }
    }
}
