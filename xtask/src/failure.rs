//! How a developer command ends when it does not succeed.

use std::fmt;

/// The result of a step of a developer command.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a developer command stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Someone asked it to stop: Ctrl-C, or a termination signal.
    Interrupted,
    /// One sentence for a person: what is wrong, and the cure.
    Because(String),
}

impl Failure {
    /// Makes a failure of one sentence.
    pub(crate) fn because(sentence: impl Into<String>) -> Self {
        Self::Because(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted"),
            Self::Because(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Failure {}

/// Gives a foreign error the sentence a person needs.
pub(crate) trait Explain<T> {
    /// Puts `sentence` before the error's own words.
    fn explain(self, sentence: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Explain<T> for Result<T, E> {
    fn explain(self, sentence: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::Because(format!("{}: {error}", sentence())))
    }
}
