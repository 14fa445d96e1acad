//! The output of a command.

use std::{
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use anyhow::Result;

/// What goes to standard output, what to standard error, and how it ends.
#[derive(Debug, Default)]
pub(super) struct CommandOutput {
    pub(super) text: String,
    pub(super) notes: String,
    pub(super) code: u8,
}

impl CommandOutput {
    pub(super) fn new(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// The output of a command that failed.
    pub(super) fn failed(error: &anyhow::Error, code: u8) -> Self {
        Self {
            notes: format!("Error: {error:#}\n"),
            code,
            ..Self::default()
        }
    }

    /// Writes it, and returns the exit code.
    ///
    /// # Errors
    /// If it cannot be written, other than to a reader who has read enough.
    pub(super) fn write(self) -> Result<ExitCode> {
        let written = io::stdout().write_all(self.text.as_bytes());
        let written = written.and_then(|()| io::stderr().write_all(self.notes.as_bytes()));
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(ExitCode::from(self.code)),
        }
    }
}
