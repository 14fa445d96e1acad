//! The log on standard error.

use std::io::{IsTerminal, stderr};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};

use crate::settings::{LogFormat, LogSettings};

/// How many lines may wait to be written; more are dropped.
const BUFFERED_LINES: usize = 8 * 1024;

/// Flushes the log when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct LogGuard {
    dropped: ErrorCounter,
    _guard: WorkerGuard,
}

impl LogGuard {
    /// How many lines were dropped so far.
    pub fn dropped(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let dropped = self.dropped.clone();
        move || dropped.dropped_lines()
    }
}

/// Starts the log, on a thread of its own: no request waits for a terminal or a
/// pipe. If that is too slow, lines are dropped and counted.
pub fn start_log(settings: &LogSettings) -> LogGuard {
    let lines = NonBlockingBuilder::default().buffered_lines_limit(BUFFERED_LINES);
    let (writer, guard) = lines.finish(stderr());
    let dropped = writer.error_counter();
    let lines = tracing_subscriber::fmt().with_writer(writer);
    match settings.format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    LogGuard {
        dropped,
        _guard: guard,
    }
}
