//! One record of the audit log.

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
    resource_names::{self, Names, shortened},
};
use crate::{
    inspection::{InspectedBody, Inspection},
    proxy::Target,
    telemetry::request_id::REQUEST_ID,
};

/// Most lines are no longer, in bytes.
const TYPICAL_LENGTH: usize = 512;

/// A decision, before its outcome is known.
#[derive(Debug)]
pub(crate) struct AuditRecord {
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

/// A record as JSON: when, who, which request, what it names, and its outcome.
#[derive(Serialize)]
struct RecordLine<'a> {
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

impl AuditRecord {
    /// The record of the decision on a request for `target`, as far as it could be
    /// inspected, if `audit` records such requests.
    pub(crate) fn new(
        audit: &Audit,
        claims: &Arc<Claims>,
        target: Target<'_>,
        inspection: Option<&Inspection>,
        request: &Request,
        verdict: &Result<Permit, Problem>,
    ) -> Option<Self> {
        let is_body_unread =
            inspection.is_some_and(|inspection| matches!(inspection.body, InspectedBody::Unread));
        // What could not be inspected may be anything.
        let access = inspection
            .filter(|_| !is_body_unread)
            .map_or(Access::Manage, |inspection| {
                inspection.request.operation().access()
            });
        audit.records(access).then(|| Self {
            access,
            claims: claims.clone(),
            method: request.method().clone(),
            request_id: request.headers().get(REQUEST_ID).cloned(),
            server: target.server.map(ToOwned::to_owned),
            path: inspection.map_or_else(|| shortened(target.path).into(), template),
            names: inspection.map(|inspection| resource_names::of(inspection, request)),
            is_body_unread,
            verdict: if verdict.is_ok() { "allow" } else { "deny" },
            rule: verdict.as_ref().ok().map(|permit| permit.rule().to_owned()),
        })
    }

    /// The record of an API token that is issued.
    pub(crate) fn of_token(claims: &Arc<Claims>, request: &Parts) -> Self {
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

    /// The record of an API token that is revoked.
    pub(crate) fn of_revocation(claims: &Arc<Claims>, request: &Parts, id: &str) -> Self {
        let path = format!("{TOKENS}/{id}").into();
        Self {
            path,
            ..Self::of_token(claims, request)
        }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// The record as a line. `None` says that the client was gone before there was a
    /// response.
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
        let line = RecordLine {
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
fn template(inspection: &Inspection) -> Cow<'static, str> {
    match inspection.request.operation() {
        Operation::Unknown => shortened(&inspection.request.path().canonical()).into(),
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
