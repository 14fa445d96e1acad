//! The audit log: who did what to MLflow, or was not allowed to.
//!
//! A JSON object a line, for each decision on a change, and on reads if that is
//! asked for. What it names are names: of what a path or a body is about, never
//! a token, a body, or a value of a query that is no name.
//!
//! A change is with the operating system before it is answered. Reads, of which
//! there are many, may be gathered: they are within a tenth of a second, and
//! when the gateway ends. What is lost if the process is killed are at most the
//! reads of that time.

mod decision;
mod lines;
mod names;

use std::{fmt, io, num::NonZeroUsize, path::Path, time::Instant};

use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use shell_core::{policy::Access, refusal::Problem};
use tracing_appender::rolling::{RollingFileAppender, Rotation};

pub(crate) use self::decision::Decision;
use self::lines::Lines;

/// Where decisions are written down.
#[derive(Clone)]
pub struct Audit {
    lines: Option<Lines>,
    reads: bool,
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
        }
    }

    /// Writes to `lines`, each line at once.
    pub fn to(lines: impl io::Write + Send + 'static) -> Self {
        Self {
            lines: Some(Lines::to(lines)),
            reads: false,
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
        if let Some(lines) = &self.lines {
            lines.count(errors);
        }
        self
    }

    /// The same, but reads are gathered for a moment and written together.
    ///
    /// # Errors
    /// If there can be no thread for that.
    pub fn gathering_reads(self) -> io::Result<Self> {
        let lines = self.lines.map(Lines::gathering).transpose()?;
        Ok(Self { lines, ..self })
    }

    /// Whether decisions on this are written down.
    pub(crate) fn wants(&self, access: Access) -> bool {
        self.lines.is_some() && (access != Access::Read || self.reads)
    }

    /// Takes a decision down, as soon as it is known what came of it.
    pub(crate) fn begin(&self, decision: Option<Decision>) -> Pending<'_> {
        Pending {
            audit: self,
            decision,
            began: Instant::now(),
        }
    }

    fn write(&self, line: &[u8], access: Access) {
        if let Some(lines) = &self.lines {
            lines.write(line, access == Access::Read);
        }
    }
}

impl Pending<'_> {
    /// Writes it down, with what came of it.
    pub(crate) fn end(mut self, answer: &Result<Response, Problem>) {
        self.write(Some(answer));
    }

    fn write(&mut self, answer: Option<&Result<Response, Problem>>) {
        if let Some(decision) = self.decision.take() {
            let line = decision.line(answer, self.began.elapsed());
            self.audit.write(&line, decision.access());
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
