//! `[log]`: what is said on standard error.

use std::io::{IsTerminal, stderr};

use serde::{Deserialize, Serialize};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};

/// How many lines may wait to be written.
const WAITING: usize = 8 * 1024;

/// What is said, and how. Faults are always said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// A line for each request. The audit log is another thing.
    pub requests: bool,
    /// As what a line is written.
    pub format: Format,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Words, for people.
    #[default]
    Text,
    /// A JSON object, for programs.
    Json,
}

/// Writes what has been said when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Written {
    lost: ErrorCounter,
    _guard: WorkerGuard,
}

impl Written {
    /// How many lines were lost so far.
    pub fn lost(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let lost = self.lost.clone();
        move || lost.dropped_lines()
    }
}

impl Log {
    /// Says from now on what there is to say, on a thread of its own: no request
    /// waits for a terminal or a pipe. If that is far too slow, lines are lost,
    /// and counted.
    pub fn begin(&self) -> Written {
        let lines = NonBlockingBuilder::default().buffered_lines_limit(WAITING);
        let (writer, guard) = lines.finish(stderr());
        let lost = writer.error_counter();
        let lines = tracing_subscriber::fmt().with_writer(writer);
        match self.format {
            Format::Text => lines.with_ansi(stderr().is_terminal()).init(),
            Format::Json => lines.json().flatten_event(true).init(),
        }
        Written {
            lost,
            _guard: guard,
        }
    }
}
