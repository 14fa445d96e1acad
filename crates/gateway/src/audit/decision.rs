//! One line of the log.

use std::{
    borrow::Cow,
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
    policy::{Access, Operation, Permit},
    refusal::Problem,
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::{
    Audit,
    names::{self, Names, short},
};
use crate::{
    look::{Look, Said},
    request_id::REQUEST_ID,
};

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
    is_body_unread: bool,
    verdict: &'static str,
    rule: Option<String>,
}

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
    body: Option<&'a str>,
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
        verdict: &Result<Permit, Problem>,
    ) -> Option<Self> {
        let is_body_unread = look.is_some_and(|look| matches!(look.said, Said::Unread));
        // What could not be looked at may be anything.
        let access = look
            .filter(|_| !is_body_unread)
            .map_or(Access::Manage, |look| look.asked.operation().access());
        audit.wants(access).then(|| Self {
            access,
            claims: claims.clone(),
            method: request.method().clone(),
            request_id: request.headers().get(REQUEST_ID).cloned(),
            server: server.map(ToOwned::to_owned),
            path: look.map_or_else(|| short(path).into(), template),
            names: look.map(|look| names::of(look, request)),
            is_body_unread,
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
            is_body_unread: false,
            verdict: "allow",
            rule: None,
        }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// The line, with its end. `None` says that nobody waited for the answer.
    pub(super) fn line(
        &self,
        answer: Option<&Result<Response, Problem>>,
        took: Duration,
    ) -> Vec<u8> {
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
            body: self.is_body_unread.then_some("unread"),
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

/// RFC 3339, always of one length.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

fn now() -> String {
    let now = OffsetDateTime::from(SystemTime::now());
    now.format(MOMENT).unwrap_or_default()
}
