//! The audit log: who did what to MLflow, or was not allowed to.
//!
//! A JSON object a line, for each decision on a change, and on reads if that is
//! asked for. What it names are names: of what a path or a body is about, never
//! a token, a body, or a value of a query that is no name.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use axum::{extract::Request, response::Response};
use serde_json::{Map, Value as Json, json};
use shell_core::{
    claims::Claims,
    json::Value,
    policy::{Access, Operation, Permit},
    refusal::Cause,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing_appender::rolling::{RollingFileAppender, Rotation};

use crate::{look::Look, request_id::REQUEST_ID};

/// Parameters that name what a request is about. Everything else, filters and
/// descriptions among it, stays out of the log.
const NAMES: [&str; 17] = [
    "alias",
    "dataset_id",
    "experiment_id",
    "experiment_name",
    "issue_id",
    "job_id",
    "model_id",
    "name",
    "new_name",
    "path",
    "queue_id",
    "run_id",
    "run_uuid",
    "stage",
    "trace_id",
    "version",
    "webhook_id",
];

/// The longest name that is written whole, in characters.
const LONGEST_NAME: usize = 256;

/// Where decisions are written down.
#[derive(Clone)]
pub struct Audit {
    lines: Option<Arc<Mutex<dyn io::Write + Send>>>,
    reads: bool,
}

/// A decision, before its outcome is known.
#[derive(Debug)]
pub(crate) struct Decision {
    access: Access,
    fields: Map<String, Json>,
}

impl Audit {
    /// Writes nothing down.
    pub fn off() -> Self {
        Self {
            lines: None,
            reads: false,
        }
    }

    /// Writes to `lines`.
    pub fn to(lines: impl io::Write + Send + 'static) -> Self {
        Self {
            lines: Some(Arc::new(Mutex::new(lines))),
            reads: false,
        }
    }

    /// Writes to files beside `path`, a new one each day (UTC) with its date as
    /// the end of its name; of these the last `days` are kept.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn to_files(path: &Path, days: usize) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(Path::new("."));
        let files = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(name)
            .max_log_files(days)
            .build(folder);
        files.map(Self::to).map_err(io::Error::other)
    }

    /// The same, with reads.
    #[must_use]
    pub fn with_reads(self, reads: bool) -> Self {
        Self { reads, ..self }
    }

    /// Writes a decision down, with what came of it after `took`.
    pub(crate) fn write(
        &self,
        decision: Decision,
        answer: &Result<Response, Cause>,
        took: Duration,
    ) {
        let Some(lines) = &self.lines else { return };
        if decision.access == Access::Read && !self.reads {
            return;
        }
        let line = decision.line(answer, took);
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(lines, "{line}").and_then(|()| lines.flush()) {
            tracing::error!(%error, "the audit log cannot be written");
        }
    }
}

impl Decision {
    pub(crate) fn new(
        claims: &Claims,
        server: Option<&str>,
        look: &Look,
        request: &Request,
        verdict: &Result<Permit, Cause>,
    ) -> Self {
        let id = request.headers().get(REQUEST_ID);
        let fields = json!({
            "time": now(),
            "request_id": id.and_then(|id| id.to_str().ok()),
            "subject": claims.subject,
            "name": claims.name,
            "groups": claims.groups,
            "server": server,
            "method": request.method().as_str(),
            "path": path(look),
            "names": names(look, request),
            "verdict": if verdict.is_ok() { "allow" } else { "deny" },
            "rule": verdict.as_ref().ok().map(Permit::rule),
        });
        let Json::Object(fields) = fields else {
            unreachable!("an object is written above");
        };
        Self {
            access: look.asked.operation().access(),
            fields,
        }
    }

    fn line(mut self, answer: &Result<Response, Cause>, took: Duration) -> Json {
        let status = match answer {
            Ok(response) => response.status().as_u16(),
            Err(cause) => cause.status(),
        };
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.fields.insert("status".to_owned(), status.into());
        self.fields
            .insert("duration_ms".to_owned(), milliseconds.into());
        Json::Object(self.fields)
    }
}

/// The endpoint's path; of one that is unknown, the path that was asked for.
fn path(look: &Look) -> String {
    match look.asked.operation() {
        Operation::Unknown => short(&look.asked.path().canonical()),
        known @ (Operation::Endpoint(_) | Operation::GraphQl(_)) => known.template().to_owned(),
    }
}

/// What the request names: in its path, its query and its body.
fn names(look: &Look, request: &Request) -> Map<String, Json> {
    let mut names = Map::new();
    let mut note = |name: &str, value: &str| {
        if NAMES.contains(&name) {
            names.insert(name.to_owned(), short(value).into());
        }
    };
    let query = request.uri().query().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        note(&name, &value);
    }
    if let Some(Value::Object(fields)) = &look.body {
        for (name, value) in fields {
            match value {
                Value::Text(value) => note(name, value),
                Value::Number(value) => note(name, &value.to_string()),
                Value::Null | Value::List(_) | Value::Object(_) | Value::Other => {}
            }
        }
    }
    // What is in the path has names of its own, all of which are names.
    for (name, value) in look.asked.parameters() {
        names.insert(name.to_owned(), short(&value).into());
    }
    names
}

fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => [&name[..end], "…"].concat(),
        None => name.to_owned(),
    }
}

/// The moment, as RFC 3339 writes it.
fn now() -> String {
    let now = OffsetDateTime::from(SystemTime::now());
    let now = now.replace_millisecond(now.millisecond()).unwrap_or(now);
    now.format(&Rfc3339).unwrap_or_default()
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audit(reads: {})", self.reads)
    }
}
