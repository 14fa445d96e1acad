//! The result of a check.

/// What was found, or what is wrong.
pub(super) type CheckResult<T = String> = Result<T, Failure>;

/// What differs from expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// What was found.
    pub(super) found: String,
    /// What to do about it.
    pub(super) cure: String,
}

/// A check that failed.
pub(super) fn failure<T>(found: impl Into<String>, cure: impl Into<String>) -> CheckResult<T> {
    Err(Failure {
        found: found.into(),
        cure: cure.into(),
    })
}
