//! One line of the log.

use std::time::{Duration, SystemTime};

use axum::{
    extract::Request,
    http::{HeaderMap, Method, request::Parts},
    response::Response,
};
use serde_json::{Map, Value as Json, json};
use shell_core::{
    claims::Claims,
    intercept::TOKENS,
    json::Value,
    policy::{Access, Operation, Permit},
    refusal::Cause,
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

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

/// A decision, before its outcome is known.
#[derive(Debug)]
pub(crate) struct Decision {
    access: Access,
    fields: Map<String, Json>,
}

impl Decision {
    /// About a request for `path` on a server, as far as it could be looked at.
    pub(crate) fn new(
        claims: &Claims,
        server: Option<&str>,
        path: &str,
        look: Option<&Look>,
        request: &Request,
        verdict: &Result<Permit, Cause>,
    ) -> Self {
        let about = json!({
            "server": server,
            "path": look.map_or_else(|| short(path), template),
            "names": look.map(|look| names(look, request)),
            "verdict": if verdict.is_ok() { "allow" } else { "deny" },
            "rule": verdict.as_ref().ok().map(Permit::rule),
        });
        Self {
            // What could not be looked at may be anything.
            access: look.map_or(Access::Manage, |look| look.asked.operation().access()),
            fields: line(claims, request.method(), request.headers(), about),
        }
    }

    /// About a token for programs, which the user may have.
    pub(crate) fn on_token(claims: &Claims, request: &Parts) -> Self {
        let about = json!({ "path": TOKENS, "verdict": "allow" });
        Self {
            access: Access::Write,
            fields: line(claims, &request.method, &request.headers, about),
        }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// The line. `None` says that nobody waited for the answer.
    pub(super) fn line(mut self, answer: Option<&Result<Response, Cause>>, took: Duration) -> Json {
        let status = answer.map(|answer| match answer {
            Ok(response) => response.status().as_u16(),
            Err(cause) => cause.status(),
        });
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let outcome = [
            ("status", json!(status)),
            (
                "upstream_status",
                json!(status.filter(|_| matches!(answer, Some(Ok(_))))),
            ),
            ("duration_ms", json!(milliseconds)),
        ];
        let outcome = outcome.map(|(key, value)| (key.to_owned(), value));
        self.fields.extend(outcome);
        Json::Object(self.fields)
    }
}

/// When, who, which request, and what it is `about`.
fn line(claims: &Claims, method: &Method, headers: &HeaderMap, about: Json) -> Map<String, Json> {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let who = json!({
        "time": now(),
        "request_id": id,
        "issuer": claims.issuer,
        "subject": claims.subject,
        "name": claims.name,
        "groups": claims.groups,
        "method": method.as_str(),
    });
    let objects = [who, about].into_iter();
    let fields = objects.filter_map(|object| object.as_object().cloned());
    fields.flatten().collect()
}

/// The endpoint's path; of one that is unknown, the path that was asked for.
fn template(look: &Look) -> String {
    match look.asked.operation() {
        Operation::Unknown => short(&look.asked.path().canonical()),
        known @ (Operation::Endpoint(_) | Operation::GraphQl(_)) => known.template().to_owned(),
    }
}

/// What the request names, where MLflow reads it: in its path, its body, or its
/// query. `None` if there is a body that could not be read.
fn names(look: &Look, request: &Request) -> Option<Map<String, Json>> {
    let mut names = Map::new();
    let workspace = request.headers().get(WORKSPACE);
    if let Some(workspace) = workspace.and_then(|name| name.to_str().ok()) {
        names.insert("workspace".to_owned(), short(workspace).into());
    }
    // What is in the path has names of its own, all of which are names.
    for (name, value) in look.asked.parameters() {
        names.insert(name.to_owned(), short(&value).into());
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

fn of_body(fields: &[(String, Value)], names: &mut Map<String, Json>) {
    for (name, value) in fields {
        let Some(name) = known(name) else { continue };
        let value = match value {
            Value::Text(value) => short(value),
            Value::Number(value) => value.to_string(),
            Value::Null | Value::List(_) | Value::Object(_) | Value::True | Value::Other => {
                continue;
            }
        };
        names.insert(name.to_owned(), value.into());
    }
}

/// Of a name that is there twice MLflow takes the first.
fn of_query(query: &str, names: &mut Map<String, Json>) {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if let Some(name) = known(&name) {
            let place = names.entry(name);
            place.or_insert_with(|| short(&value).into());
        }
    }
}

/// The parameter that MLflow takes `name` for: it reads `runId` as `run_id`.
fn known(name: &str) -> Option<&'static str> {
    let letters = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let mut all = NAMES.into_iter();
    all.find(|known| letters(known) == letters(name))
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
