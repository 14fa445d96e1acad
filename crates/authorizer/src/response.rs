//! Responses to API Gateway.

mod policy_document;

use std::fmt::Write;

use serde::Serialize;
use shell_core::{claims::Claims, policy::Policy};

pub use self::policy_document::{Document, Effect, Statement};
use crate::{Event, EventKind, Verdict};

/// For which requests an answer is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// For the one that is asked about.
    #[default]
    Request,
    /// For all of the user's.
    User,
}

/// The largest answer, in bytes, unless configured. The quotas of API Gateway
/// have "AWS Lambda authorizer result size: 8 KB", not adjustable: the developer
/// guide for WebSocket APIs only, the general reference without saying for
/// which.
pub(crate) const LARGEST: usize = 8_000;

/// Which answers API Gateway expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseFormat {
    /// For which requests they are made.
    pub scope: Scope,
    /// Whether they are simple for events in format 2.0, which do not say.
    pub simple: bool,
    /// How many bytes they may have.
    pub limit: usize,
}

impl Default for ResponseFormat {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            simple: false,
            limit: LARGEST,
        }
    }
}

/// Who the user is, and whether to let them in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AuthorizerResponse {
    /// In terms of IAM. API Gateway knows a `usageIdentifierKey`, too, which is
    /// for usage plans and never sent.
    #[serde(rename_all = "camelCase")]
    Policy {
        /// The user, unique at the issuer.
        principal_id: String,
        /// What the user may call.
        policy_document: Document,
        /// What templates and logs find in `$context.authorizer`.
        context: Context,
    },
    /// Yes or no.
    #[serde(rename_all = "camelCase")]
    Simple {
        /// Whether to let the request in.
        is_authorized: bool,
        /// As above.
        context: Context,
    },
}

/// Texts only: API Gateway takes no lists.
///
/// Templates put them between quotation marks and into headers as they are, so
/// what is special there is escaped as in JSON. Only spaces between groups, and
/// between rules, are plain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Context {
    /// What to call the user.
    pub user: String,
    /// The user's groups, separated by spaces.
    pub groups: String,
    /// The rule that allows the request, or all of the user's rules in an
    /// answer for all requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the request does, in an answer for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// Answers `event` of the user of `claims` with `verdict`.
pub fn respond(
    event: &Event,
    claims: &Claims,
    policy: &Policy,
    verdict: &Verdict,
    form: ResponseFormat,
) -> AuthorizerResponse {
    let context = |rule, operation| Context {
        user: escape(&claims.name),
        groups: escape_all(&claims.groups),
        rule,
        operation,
    };
    let rule = verdict.ruling.as_deref().ok().map(escape);
    let for_request = context(rule, Some(escape(&verdict.operation)));
    if form.simple && event.kind == EventKind::Http2 {
        return AuthorizerResponse::Simple {
            is_authorized: verdict.ruling.is_ok(),
            context: for_request,
        };
    }
    let in_policy = |policy_document, context| AuthorizerResponse::Policy {
        principal_id: escape(&claims.subject),
        policy_document,
        context,
    };
    // What an HTTP API's ARN holds is documented too little to list more.
    if form.scope == Scope::User && !event.kind.is_http_api() {
        let rules = policy.rules().iter();
        let rules = rules.filter(|rule| rule.is_for(&claims.groups));
        let rules = escape_all(rules.map(|rule| &rule.name));
        let answer = |document| {
            let rules = (!rules.is_empty()).then(|| rules.clone());
            in_policy(document, context(rules, None))
        };
        let groups = &claims.groups;
        let answer = policy_document::for_user(&event.arn, policy, groups, form.limit, answer);
        if let Some(answer) = answer {
            return answer;
        }
    }
    in_policy(
        policy_document::for_request(&event.arn, verdict),
        for_request,
    )
}

fn escape_all<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let texts: Vec<_> = texts.into_iter().map(|text| escape(text)).collect();
    texts.join(" ")
}

/// Escapes all but visible ASCII as JSON does (RFC 8259 §7).
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => safe.extend(['\\', char::from(byte)]),
            Ok(byte) if byte.is_ascii_graphic() => safe.push(char::from(byte)),
            // Writing to a String does not fail.
            _ => write!(safe, "\\u{unit:04x}").unwrap_or_default(),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
