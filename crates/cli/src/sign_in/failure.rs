//! What went wrong, and whether another sign-in or another attempt helps.

use std::{fmt, process::ExitCode};

/// What went wrong: a sentence with the cure, and never a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: FailureKind,
    sentence: String,
}

/// What helps, as programs learn it from the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Something else.
    Other = 1,
    /// Signing in, once more or for the first time.
    SignedOut = 3,
    /// Asking again later.
    Unreachable = 4,
}

/// The result of what may go wrong so.
pub(crate) type FailureResult<T> = Result<T, Failure>;

impl Failure {
    /// Something else than below.
    pub(crate) fn other(sentence: impl fmt::Display) -> Self {
        Self::new(FailureKind::Other, &sentence)
    }

    /// There is no session, or none any more.
    pub(crate) fn signed_out(sentence: impl fmt::Display) -> Self {
        Self::new(FailureKind::SignedOut, &sentence)
    }

    /// The site or the provider does not answer, or has too much to do.
    pub(crate) fn unreachable(sentence: impl fmt::Display) -> Self {
        Self::new(FailureKind::Unreachable, &sentence)
    }

    fn new(kind: FailureKind, sentence: &dyn fmt::Display) -> Self {
        let sentence = sentence.to_string();
        Self { kind, sentence }
    }

    /// What helps.
    pub(crate) fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The program's exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
