//! Events of API Gateway: four kinds, one reading.
//!
//! | event | [`EventKind`] | the path is |
//! |---|---|---|
//! | REST API, `TOKEN` | `Token` | the method ARN's |
//! | REST API, `REQUEST` | `Rest` | `path` without the custom domain's base path, and the method ARN's |
//! | HTTP API, format 1.0 | `Http1` | `path` without stage or base path |
//! | HTTP API, format 2.0 | `Http2` | `rawPath` without stage or base path |
//!
//! Nothing is known to every shape, so nothing is expected: whatever is missing
//! or of another kind than documented makes an event that is refused, or a
//! request without a token.

use serde_json::Value;
use shell_core::{Secret, bearer, policy::workspace, refusal::Requester};

use crate::{Failure, UnauthorizedReason, method_arn::MethodArn};

/// Which authorizer the event is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// `TOKEN`, of a REST API.
    Token,
    /// `REQUEST`, of a REST API.
    Rest,
    /// Of an HTTP API, in format 1.0.
    Http1,
    /// Of an HTTP API, in format 2.0.
    Http2,
}

/// What matters of an authorizer's event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Which authorizer it is of.
    pub kind: EventKind,
    /// The request's method.
    pub method: String,
    /// The spellings of its path that the event has, without its query. The
    /// request is allowed if it is by each of them.
    pub paths: Vec<String>,
    /// API Gateway's name for the request; empty if it has none.
    pub request_id: String,
    pub(crate) arn: MethodArn,
    pub(crate) query: String,
    /// What kind of request it is, as far as its headers tell.
    pub(crate) requester: Requester,
    /// Whether its headers name one workspace at most.
    pub(crate) has_one_workspace: bool,
    token: Option<Secret>,
}

impl Event {
    /// Reads an event; `base` is the path under which a custom domain has the
    /// API, without slashes around it.
    ///
    /// # Errors
    /// [`Failure::Event`], which says no more: what is wrong may be a secret.
    pub fn read(payload: &Value, base: &str) -> Result<Self, Failure> {
        let read = || {
            let kind = EventKind::of(payload)?;
            let arn = match kind {
                EventKind::Http2 => "/routeArn",
                EventKind::Token | EventKind::Rest | EventKind::Http1 => "/methodArn",
            };
            let arn = MethodArn::parse(text(payload, arn)?)?;
            Some(Self {
                method: method(kind, payload, &arn)?,
                paths: paths(kind, payload, &arn, base)?,
                request_id: text(payload, "/requestContext/requestId")
                    .unwrap_or_default()
                    .to_owned(),
                query: query(kind, payload),
                requester: requester(payload),
                has_one_workspace: has_one_workspace(payload),
                token: token(kind, payload).map(Secret::new),
                kind,
                arn,
            })
        };
        read().ok_or(Failure::Event)
    }

    pub(crate) fn token(&self) -> Result<&str, Failure> {
        let token = self.token.as_ref().map(Secret::expose);
        token.ok_or(Failure::Unauthorized(UnauthorizedReason::Missing))
    }
}

impl EventKind {
    fn of(payload: &Value) -> Option<Self> {
        match (text(payload, "/type")?, payload.get("version")) {
            ("TOKEN", None) => Some(Self::Token),
            ("REQUEST", None) => Some(Self::Rest),
            ("REQUEST", Some(version)) if version == "1.0" => Some(Self::Http1),
            ("REQUEST", Some(version)) if version == "2.0" => Some(Self::Http2),
            _ => None,
        }
    }

    /// Whether it is from an HTTP API.
    pub(crate) fn is_http_api(self) -> bool {
        matches!(self, Self::Http1 | Self::Http2)
    }

    /// Its name in the log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Rest => "REQUEST",
            Self::Http1 => "HTTP 1.0",
            Self::Http2 => "HTTP 2.0",
        }
    }
}

fn text<'a>(payload: &'a Value, pointer: &str) -> Option<&'a str> {
    payload.pointer(pointer)?.as_str()
}

fn method(kind: EventKind, payload: &Value, arn: &MethodArn) -> Option<String> {
    let method = match kind {
        EventKind::Token => &arn.method,
        EventKind::Rest => text(payload, "/httpMethod").filter(|method| *method == arn.method)?,
        EventKind::Http1 => text(payload, "/httpMethod")?,
        EventKind::Http2 => text(payload, "/requestContext/http/method")?,
    };
    Some(method.to_owned())
}

fn paths(kind: EventKind, payload: &Value, arn: &MethodArn, base: &str) -> Option<Vec<String>> {
    let path = match kind {
        EventKind::Token => return Some(vec![arn.path.clone()]),
        EventKind::Rest | EventKind::Http1 => text(payload, "/path")?,
        EventKind::Http2 => text(payload, "/rawPath")?,
    };
    let path = below(prefix(kind, payload, arn, base), path).to_owned();
    // What an HTTP API writes into the ARN is not documented.
    let has_another = kind == EventKind::Rest && path != arn.path;
    let another = has_another.then(|| arn.path.clone());
    Some([path].into_iter().chain(another).collect())
}

/// What stands before the API's own path: on a custom domain its base path, on
/// an HTTP API's own host the stage.
fn prefix<'a>(kind: EventKind, payload: &Value, arn: &'a MethodArn, base: &'a str) -> &'a str {
    let host = text(payload, "/requestContext/domainName");
    let is_own = host.is_none_or(|host| host.contains(".execute-api."));
    match (is_own, kind.is_http_api()) {
        (false, _) => base,
        (true, true) if arn.stage != "$default" => &arn.stage,
        (true, _) => "",
    }
}

/// What is left of `path` below `prefix`, if it is below it.
fn below<'a>(prefix: &str, path: &'a str) -> &'a str {
    let rest = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(prefix));
    match rest {
        _ if prefix.is_empty() => path,
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// The query, or nothing of it if it may have another reading than ours.
fn query(kind: EventKind, payload: &Value) -> String {
    if kind == EventKind::Http2 {
        return text(payload, "/rawQueryString")
            .unwrap_or_default()
            .to_owned();
    }
    let all = ["/multiValueQueryStringParameters", "/queryStringParameters"];
    let mut all = all
        .into_iter()
        .filter_map(|key| payload.pointer(key)?.as_object());
    let Some(parameters) = all.find(|parameters| !parameters.is_empty()) else {
        return String::new();
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        for value in values(value) {
            // Whether it is decoded is not documented.
            if value.contains(['%', '+']) {
                return String::new();
            }
            query.append_pair(name, value);
        }
    }
    query.finish()
}

/// What `Accept` tells: the worker's own requests have no more of a navigation.
fn requester(payload: &Value) -> Requester {
    Requester::of_headers(None, None, headers(payload, "accept").first().copied())
}

/// The one token of the one header.
fn token(kind: EventKind, payload: &Value) -> Option<&str> {
    if kind == EventKind::Token {
        return bearer::token(text(payload, "/authorizationToken")?);
    }
    match headers(payload, "authorization")[..] {
        [only] => bearer::token(only),
        _ => None,
    }
}

/// The values of the header called `name`: all of them, if the event has those.
fn headers<'a>(payload: &'a Value, name: &str) -> Vec<&'a str> {
    // `multiValueHeaders` has every value of a header, `headers` the last.
    let both = ["multiValueHeaders", "headers"].into_iter();
    let mut both = both.map(|key| headers_in(payload.get(key), name));
    both.find(|values| !values.is_empty()).unwrap_or_default()
}

fn headers_in<'a>(headers: Option<&'a Value>, name: &str) -> Vec<&'a str> {
    let headers = headers.and_then(Value::as_object).into_iter().flatten();
    let named = headers.filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.flat_map(|(_, value)| values(value)).collect()
}

/// A `TOKEN` event has no headers, and so names none.
fn has_one_workspace(payload: &Value) -> bool {
    let lists = ["multiValueHeaders", "headers"].into_iter();
    let mut lists = lists.filter_map(|key| payload.get(key)?.as_object());
    let Some(headers) = lists.find(|headers| !headers.is_empty()) else {
        return true;
    };
    let all = headers.iter().flat_map(|(name, value)| {
        let values = values(value).into_iter();
        values.map(move |value| (name.as_str(), value.as_bytes()))
    });
    workspace(all).is_ok()
}

/// A text, or several. What is no text is an empty one, so that it counts.
fn values(value: &Value) -> Vec<&str> {
    let values = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    let texts = values.iter().map(Value::as_str);
    texts.map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests;
