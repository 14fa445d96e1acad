//! How a check ends.

/// What was found, in words, or what is wrong.
pub(super) type Judged<T = String> = Result<T, Fault>;

/// What differs from expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// What was found.
    pub(super) found: String,
    /// What to do about it.
    pub(super) cure: String,
}

/// A check that failed.
pub(super) fn fault<T>(found: impl Into<String>, cure: impl Into<String>) -> Judged<T> {
    Err(Fault {
        found: found.into(),
        cure: cure.into(),
    })
}
