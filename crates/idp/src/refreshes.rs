use shell_core::Timestamp;

/// One refresh, as the provider saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    /// When it was decided, by the provider's clock.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: RefreshOutcome,
}

/// What came of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// Granted for a token that had not been replaced.
    Granted,
    /// Granted for a token that had been replaced, within the grace period.
    Reused,
    /// Refused: the token had been replaced, and the grace period was over.
    ReusedLate,
    /// Refused: the token is unknown, expired or revoked.
    Refused,
    /// Nothing was decided: a [`Fault`](crate::Fault) answered.
    Faulted,
}

impl RefreshOutcome {
    /// Whether the token had been replaced already.
    pub fn is_reuse(self) -> bool {
        matches!(self, Self::Reused | Self::ReusedLate)
    }

    /// Whether there were new tokens.
    pub fn is_granted(self) -> bool {
        matches!(self, Self::Granted | Self::Reused)
    }
}
