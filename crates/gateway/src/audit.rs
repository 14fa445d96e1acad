//! The audit log: who did what to MLflow, or was not allowed to.
//!
//! A JSON object a line, for each decision on a change, and on reads if that is
//! asked for. It has the names of the resources that a path or a body is about,
//! never a token, a body, or a value of a query that is not a name.
//!
//! A change is with the operating system before it is answered. Reads, of which
//! there are many, may be gathered: they are within a tenth of a second, and
//! when the gateway ends. What is lost if the process is killed are at most the
//! reads of that time.

mod files;
mod record;
mod resource_names;
mod writer;

use std::{borrow::Cow, fmt, io, num::NonZeroUsize, path::Path, time::Instant};

use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use shell_core::{policy::Access, refusal::Problem};
use tracing_appender::rolling::{RollingFileAppender, Rotation};

pub(crate) use self::record::AuditRecord;
use self::writer::AuditWriter;

/// Where decisions are written.
#[derive(Clone)]
pub struct Audit {
    writer: Option<AuditWriter>,
    reads: bool,
}

/// A record whose outcome is not known yet. If the client goes away before that,
/// it is written without one: MLflow may have done what was asked.
#[must_use]
pub(crate) struct PendingRecord<'a> {
    audit: &'a Audit,
    record: Option<AuditRecord>,
    began: Instant,
}

impl Audit {
    /// Writes nothing.
    pub fn off() -> Self {
        Self {
            writer: None,
            reads: false,
        }
    }

    /// Writes each record to `writer` at once.
    pub fn to(writer: impl io::Write + Send + 'static) -> Self {
        Self {
            writer: Some(AuditWriter::to(writer)),
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
        let (folder, name) = folder_and_prefix(path);
        let files = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(name)
            .max_log_files(days.get())
            .build(folder);
        files.map(Self::to).map_err(io::Error::other)
    }

    /// Whether [`Self::to_files`] would succeed, as far as that can be told without
    /// writing: the folder is there or can be made, and it and today's file can be
    /// written to.
    ///
    /// # Errors
    /// With the file or folder that prevents it.
    pub fn check_files(path: &Path) -> Result<(), String> {
        files::check(path)
    }

    /// The same, with reads.
    #[must_use]
    pub fn with_reads(self, reads: bool) -> Self {
        Self { reads, ..self }
    }

    /// The same, which counts records that cannot be written in `errors`.
    #[must_use]
    pub fn counting(self, errors: Counter) -> Self {
        if let Some(writer) = &self.writer {
            writer.count(errors);
        }
        self
    }

    /// The same, but reads are gathered for a moment and written together.
    ///
    /// # Errors
    /// If there can be no thread for that.
    pub fn gathering_reads(self) -> io::Result<Self> {
        let writer = self.writer.map(AuditWriter::gathering).transpose()?;
        Ok(Self { writer, ..self })
    }

    /// Whether decisions on requests of this access are recorded.
    pub(crate) fn records(&self, access: Access) -> bool {
        self.writer.is_some() && (access != Access::Read || self.reads)
    }

    /// Begins a record, which is written when its outcome is known.
    pub(crate) fn begin(&self, record: Option<AuditRecord>) -> PendingRecord<'_> {
        PendingRecord {
            audit: self,
            record,
            began: Instant::now(),
        }
    }

    fn write(&self, line: &[u8], access: Access) {
        if let Some(writer) = &self.writer {
            writer.write(line, access == Access::Read);
        }
    }
}

/// The folder of the files with this path, and what their names begin with.
fn folder_and_prefix(path: &Path) -> (&Path, Cow<'_, str>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    (folder.unwrap_or(Path::new(".")), name)
}

impl PendingRecord<'_> {
    /// Writes it with its outcome.
    pub(crate) fn end(mut self, response: &Result<Response, Problem>) {
        self.write(Some(response));
    }

    fn write(&mut self, response: Option<&Result<Response, Problem>>) {
        if let Some(record) = self.record.take() {
            let line = record.line(response, self.began.elapsed());
            self.audit.write(&line, record.access());
        }
    }
}

impl Drop for PendingRecord<'_> {
    fn drop(&mut self) {
        self.write(None);
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audit(reads: {})", self.reads)
    }
}
