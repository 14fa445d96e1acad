//! The one place that reads the clock.

use shell_core::Timestamp;

/// The wall clock, in whole seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Date.now() is a positive integer far below 2^53"
)]
pub fn now() -> Timestamp {
    Timestamp((js_sys::Date::now() / 1000.0) as u64)
}
