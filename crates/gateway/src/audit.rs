//! The audit log: who did what to MLflow, or was not allowed to.
//!
//! A JSON object a line, for each decision on a change, and on reads if that is
//! asked for. What it names are names: of what a path or a body is about, never
//! a token, a body, or a value of a query that is no name.

mod decision;

use std::{
    fmt, io,
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use shell_core::{policy::Access, refusal::Cause};
use tracing_appender::rolling::{RollingFileAppender, Rotation};

pub(crate) use self::decision::Decision;

/// Where decisions are written down.
#[derive(Clone)]
pub struct Audit {
    lines: Option<Arc<Mutex<dyn io::Write + Send>>>,
    reads: bool,
    errors: Counter,
}

/// A decision whose outcome is awaited. If nobody waits any more, because the
/// client has gone, it is written down without one: MLflow may have done it.
#[must_use]
pub(crate) struct Pending<'a> {
    audit: &'a Audit,
    decision: Option<Decision>,
    began: Instant,
}

impl Audit {
    /// Writes nothing down.
    pub fn off() -> Self {
        Self {
            lines: None,
            reads: false,
            errors: Counter::default(),
        }
    }

    /// Writes to `lines`.
    pub fn to(lines: impl io::Write + Send + 'static) -> Self {
        Self {
            lines: Some(Arc::new(Mutex::new(lines))),
            reads: false,
            errors: Counter::default(),
        }
    }

    /// Writes to files beside `path`, a new one each day (UTC) with its date as
    /// the end of its name. Of all files there whose name begins so the last
    /// `days` are kept.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn to_files(path: &Path, days: NonZeroUsize) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        let files = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(name)
            .max_log_files(days.get())
            .build(folder);
        files.map(Self::to).map_err(io::Error::other)
    }

    /// The same, with reads.
    #[must_use]
    pub fn with_reads(self, reads: bool) -> Self {
        Self { reads, ..self }
    }

    /// The same, which counts lines that cannot be written in `errors`.
    #[must_use]
    pub fn counting(self, errors: Counter) -> Self {
        Self { errors, ..self }
    }

    /// Takes a decision down, as soon as it is known what came of it.
    pub(crate) fn begin(&self, decision: Decision) -> Pending<'_> {
        let is_wanted = decision.access() != Access::Read || self.reads;
        Pending {
            audit: self,
            decision: is_wanted.then_some(decision),
            began: Instant::now(),
        }
    }

    fn write(&self, line: &serde_json::Value) {
        let Some(lines) = &self.lines else { return };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(lines, "{line}").and_then(|()| lines.flush()) {
            self.errors.inc();
            tracing::error!(%error, "the audit log cannot be written");
        }
    }
}

impl Pending<'_> {
    /// Writes it down, with what came of it.
    pub(crate) fn end(mut self, answer: &Result<Response, Cause>) {
        self.write(Some(answer));
    }

    fn write(&mut self, answer: Option<&Result<Response, Cause>>) {
        if let Some(decision) = self.decision.take() {
            self.audit
                .write(&decision.line(answer, self.began.elapsed()));
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.write(None);
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audit(reads: {})", self.reads)
    }
}
