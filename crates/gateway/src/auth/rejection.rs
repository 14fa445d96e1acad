//! The log of requests without a user. Which token it was is never in it.

use std::fmt::Display;

use shell_core::{
    credentials::Reason,
    refusal::{Problem, Rejection},
};

/// A rejection of which the reason says all.
pub(crate) fn reject(reason: Reason) -> Rejection {
    tracing::info!(reason = reason.as_str(), "token refused");
    Rejection::new(reason)
}

/// A rejection of which only the log has more.
pub(crate) fn reject_because(reason: Reason, why: &dyn Display, page: Problem) -> Rejection {
    // As a text it is quoted, so that nothing of a token begins a line.
    let why = why.to_string();
    tracing::info!(reason = reason.as_str(), why, "token refused");
    Rejection::with(reason, page)
}
