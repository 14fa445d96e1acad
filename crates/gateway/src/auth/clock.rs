//! The gateway's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use shell_core::Timestamp;

/// The system's time, in seconds since 1970.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_secs())
}
