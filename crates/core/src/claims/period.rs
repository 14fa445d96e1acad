//! When a token holds.

use super::ClaimsError;
use crate::Timestamp;

/// When a token's claims hold, by the provider's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    begins: Option<Timestamp>,
    ends: Timestamp,
}

impl Period {
    pub(super) fn new(begins: Option<Timestamp>, ends: Timestamp) -> Self {
        Self { begins, ends }
    }

    /// Checks that `now` is within it, give or take `leeway` seconds.
    ///
    /// # Errors
    /// If it is over, or has not begun.
    pub fn check(self, now: Timestamp, leeway: u64) -> Result<(), ClaimsError> {
        if now >= self.ends.plus(leeway) {
            return Err(ClaimsError::Expired);
        }
        match self.begins {
            Some(begins) if now.plus(leeway) < begins => Err(ClaimsError::NotYetValid {
                ahead: begins.since(now),
            }),
            _ => Ok(()),
        }
    }
}
