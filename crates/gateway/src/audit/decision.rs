//! One line of the log.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    extract::Request,
    http::{HeaderValue, Method, request::Parts},
    response::Response,
};
use serde::Serialize;
use shell_core::{
    claims::Claims,
    intercept::TOKENS,
    json::Value,
    policy::{Access, Operation, Permit},
    refusal::Cause,
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::Audit;
use crate::{
    look::{Look, Said},
    request_id::REQUEST_ID,
};

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

/// The header by which MLflow 3 chooses among workspaces.
const WORKSPACE: &str = "x-mlflow-workspace";

/// The longest name that is written whole, in characters.
const LONGEST_NAME: usize = 256;

/// Most lines are no longer, in bytes.
const TYPICAL_LENGTH: usize = 512;

/// A decision, before its outcome is known.
#[derive(Debug)]
pub(crate) struct Decision {
    access: Access,
    claims: Arc<Claims>,
    method: Method,
    request_id: Option<HeaderValue>,
    server: Option<String>,
    path: Cow<'static, str>,
    names: Option<Names>,
    verdict: &'static str,
    rule: Option<String>,
}

/// What a request names, each name with its value.
type Names = BTreeMap<String, String>;

/// One line: when, who, which request, what it is about, and what came of it.
#[derive(Serialize)]
struct Line<'a> {
    time: &'a str,
    request_id: Option<&'a str>,
    issuer: &'a str,
    subject: &'a str,
    name: &'a str,
    groups: &'a [String],
    method: &'a str,
    server: Option<&'a str>,
    path: &'a str,
    names: &'a Option<Names>,
    verdict: &'a str,
    rule: Option<&'a str>,
    status: Option<u16>,
    upstream_status: Option<u16>,
    duration_ms: u64,
}

impl Decision {
    /// About a request for `path` on a server, as far as it could be looked at,
    /// if `audit` wants to know of it.
    pub(crate) fn new(
        audit: &Audit,
        claims: &Arc<Claims>,
        server: Option<&str>,
        path: &str,
        look: Option<&Look>,
        request: &Request,
        verdict: &Result<Permit, Cause>,
    ) -> Option<Self> {
        // What could not be looked at may be anything.
        let access = look.map_or(Access::Manage, |look| look.asked.operation().access());
        audit.wants(access).then(|| Self {
            access,
            claims: claims.clone(),
            method: request.method().clone(),
            request_id: request.headers().get(REQUEST_ID).cloned(),
            server: server.map(ToOwned::to_owned),
            path: look.map_or_else(|| short(path).into(), template),
            names: look.and_then(|look| names(look, request)),
            verdict: if verdict.is_ok() { "allow" } else { "deny" },
            rule: verdict.as_ref().ok().map(|permit| permit.rule().to_owned()),
        })
    }

    /// About a token for programs, which the user may have.
    pub(crate) fn on_token(claims: &Arc<Claims>, request: &Parts) -> Self {
        Self {
            access: Access::Write,
            claims: claims.clone(),
            method: request.method.clone(),
            request_id: request.headers.get(REQUEST_ID).cloned(),
            server: None,
            path: TOKENS.into(),
            names: None,
            verdict: "allow",
            rule: None,
        }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// The line, with its end. `None` says that nobody waited for the answer.
    pub(super) fn line(&self, answer: Option<&Result<Response, Cause>>, took: Duration) -> Vec<u8> {
        let status = answer.map(|answer| match answer {
            Ok(response) => response.status().as_u16(),
            Err(cause) => cause.status(),
        });
        let request_id = self.request_id.as_ref();
        let line = Line {
            time: &now(),
            request_id: request_id.and_then(|id| id.to_str().ok()),
            issuer: &self.claims.issuer,
            subject: &self.claims.subject,
            name: &self.claims.name,
            groups: &self.claims.groups,
            method: self.method.as_str(),
            server: self.server.as_deref(),
            path: &self.path,
            names: &self.names,
            verdict: self.verdict,
            rule: self.rule.as_deref(),
            status,
            upstream_status: status.filter(|_| matches!(answer, Some(Ok(_)))),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        let mut text = Vec::with_capacity(TYPICAL_LENGTH);
        // Texts and numbers can always be written.
        let _ = serde_json::to_writer(&mut text, &line);
        text.push(b'\n');
        text
    }
}

/// The endpoint's path; of one that is unknown, the path that was asked for.
fn template(look: &Look) -> Cow<'static, str> {
    match look.asked.operation() {
        Operation::Unknown => short(&look.asked.path().canonical()).into(),
        Operation::Endpoint(endpoint) => Cow::Borrowed(&endpoint.path),
        known @ Operation::GraphQl(_) => known.template().to_owned().into(),
    }
}

/// What the request names, where MLflow reads it: in its path, its body, or its
/// query. `None` if there is a body that could not be read.
fn names(look: &Look, request: &Request) -> Option<Names> {
    let mut names = Names::new();
    let workspace = request.headers().get(WORKSPACE);
    if let Some(workspace) = workspace.and_then(|name| name.to_str().ok()) {
        names.insert("workspace".to_owned(), short(workspace));
    }
    // What is in the path has names of its own, all of which are names.
    for (name, value) in look.asked.parameters() {
        names.insert(name.to_owned(), short(&value));
    }
    match &look.said {
        Said::Unread => return None,
        Said::Json(Value::Object(fields)) => of_body(fields, &mut names),
        Said::Json(_) => return None,
        Said::Nothing if look.asked.reads_query() => {
            of_query(request.uri().query().unwrap_or_default(), &mut names);
        }
        Said::Nothing => {}
    }
    Some(names)
}

fn of_body(fields: &[(String, Value)], names: &mut Names) {
    for (name, value) in fields {
        let Some(name) = known(name) else { continue };
        let value = match value {
            Value::Text(value) => short(value),
            Value::Number(value) => value.to_string(),
            Value::Null | Value::List(_) | Value::Object(_) | Value::True | Value::Other => {
                continue;
            }
        };
        names.insert(name.to_owned(), value);
    }
}

/// Of a name that is there twice MLflow takes the first.
fn of_query(query: &str, names: &mut Names) {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if let Some(name) = known(&name) {
            let place = names.entry(name.to_owned());
            place.or_insert_with(|| short(&value));
        }
    }
}

/// The parameter that MLflow takes `name` for: it reads `runId` as `run_id`.
fn known(name: &str) -> Option<&'static str> {
    let letters = |byte: &u8| *byte != b'_';
    let lower = |text: &'static str| text.bytes().filter(letters);
    let of_name = || {
        name.bytes()
            .filter(letters)
            .map(|byte| byte.to_ascii_lowercase())
    };
    let mut all = NAMES.into_iter();
    all.find(|known| lower(known).eq(of_name()))
}

fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => [&name[..end], "…"].concat(),
        None => name.to_owned(),
    }
}

/// RFC 3339, always of one length.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

fn now() -> String {
    let now = OffsetDateTime::from(SystemTime::now());
    now.format(MOMENT).unwrap_or_default()
}
