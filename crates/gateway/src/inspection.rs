//! Request inspection: what a request asks for, as far as the policy and the audit
//! log have to know.
//!
//! ```text
//!  method, path, query ──▶ core::policy::Request
//!  body, if it matters ──▶ graphql    the fields of a GraphQL document
//!                          JSON       the names in an object
//!                          spans      the traces in a body of OTLP
//!                          parser_pool: longer bodies are parsed on other threads
//! ```

pub(crate) mod graphql;
pub(crate) mod parser_pool;
mod spans;

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{
        HeaderMap, Method, Uri,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use shell_core::{
    bounds::{GET_BODY, GRAPHQL_BODY, GraphQlExcess, NAMES_BODY, REFERENCES_BODY, SPANS_BODY},
    canonical_path::Ambiguous,
    get_body,
    policy::{self, BodyRequirement, Operation},
    refusal::Problem,
};

use self::{graphql::Document, parser_pool::ParserPool};
use crate::body::limited::BodyError;

/// The longest body that is parsed on the connection's own thread, in bytes.
const INLINE_PARSE_BYTES: usize = 8 * 1024;

/// How long a body that is inspected may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What the policy has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// What a request does.
    Rights,
    /// Also what it refers to, because the policy has limits.
    Limits,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Inspection {
    pub(crate) request: policy::Request,
    pub(crate) body: InspectedBody,
}

/// What a request's body names.
#[derive(Debug)]
pub(crate) enum InspectedBody {
    /// There is none, or it names nothing.
    Nothing,
    /// It could name something and is not known: it is too long to be inspected,
    /// did not arrive, or is not a JSON object that has one reading.
    Unread,
    /// This object.
    Json(Value),
}

/// Why a request is refused, and what is known of it all the same.
#[derive(Debug)]
pub(crate) struct InspectionError {
    pub(crate) cause: Problem,
    pub(crate) inspection: Option<Box<Inspection>>,
}

impl From<Problem> for InspectionError {
    fn from(cause: Problem) -> Self {
        let inspection = None;
        Self { cause, inspection }
    }
}

impl Inspection {
    fn new(request: policy::Request, body: InspectedBody) -> Self {
        Self { request, body }
    }
}

impl InspectionError {
    /// A request whose body is not known.
    fn of_body(cause: Problem, request: policy::Request) -> Self {
        let inspection = Some(Box::new(Inspection::new(request, InspectedBody::Unread)));
        Self { cause, inspection }
    }
}

/// Inspects `request` for `path` on a server. A body that is read is put back as
/// it was, but for the order of its fields in a search, if the policy has limits
/// ([`policy::Request::scope_of_body`]).
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here, its body
/// does not arrive, or there is too much of it to be parsed.
pub(crate) async fn inspect(
    parsers: &ParserPool,
    path: &str,
    purpose: Purpose,
    request: &mut Request,
) -> Result<Inspection, InspectionError> {
    move_body_to_query(path, request).await?;
    let Inspection {
        request: asked,
        body,
    } = inspect_head(path, request)?;
    let Some(limit) = body_limit(&asked, purpose) else {
        return Ok(Inspection::new(asked, body));
    };
    let is_document = asked.body() == BodyRequirement::Document;
    let scope = asked.scope_of_body();
    let format = match purpose {
        Purpose::Limits => spans::Format::of(request.headers()),
        Purpose::Rights => spans::Format::Other,
    };
    let inspected = match peek(request, limit).await {
        Ok(Some(body)) if is_document || body.len() > INLINE_PARSE_BYTES => {
            let known = asked.clone();
            let parsed = parsers
                .run(move || inspect_body(asked, &body, format))
                .await;
            parsed.map_err(|cause| InspectionError::of_body(cause, known))?
        }
        Ok(Some(body)) => inspect_body(asked, &body, format),
        Ok(None) if is_document => {
            let cause = Problem::graphql(GraphQlExcess::Body);
            Err(InspectionError::of_body(cause, asked))
        }
        Ok(None) => Ok(Inspection::new(asked, InspectedBody::Unread)),
        Err(cause) => Err(InspectionError::of_body(cause, asked)),
    }?;
    if let (Purpose::Limits, InspectedBody::Json(Value::Object(fields))) =
        (purpose, &inspected.body)
        && !scope.is_empty()
    {
        let body = with_scope_first(fields, &scope);
        request
            .headers_mut()
            .insert(CONTENT_LENGTH, body.len().into());
        *request.body_mut() = Body::from(body);
    }
    Ok(inspected)
}

/// Makes the body of a `GET` its query, and leaves it no body
/// ([`shell_core::get_body`]).
async fn move_body_to_query(path: &str, request: &mut Request) -> Result<(), InspectionError> {
    if request.method() != Method::GET || request.body().is_end_stream() {
        return Ok(());
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let asked = parse_head(request.method(), path, &query)?;
    let moved = match peek(request, GET_BODY).await {
        Ok(Some(body)) => get_body::into_query(&query, &body),
        Ok(None) => Err(Problem::body_of_get_too_long()),
        Err(cause) => Err(cause),
    };
    let moved = moved.and_then(|query| with_query(request.uri(), &query));
    *request.uri_mut() = moved.map_err(|cause| InspectionError::of_body(cause, asked))?;
    *request.body_mut() = Body::empty();
    for header in [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING] {
        request.headers_mut().remove(header);
    }
    Ok(())
}

fn with_query(uri: &Uri, query: &str) -> Result<Uri, Problem> {
    let path = uri.path();
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    let target = target.try_into().map_err(|_| Problem::path_not_of_url())?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).map_err(|_| Problem::path_not_of_url())
}

/// The object with these fields before all others, in JSON.
fn with_scope_first(fields: &Map<String, Value>, scope: &[&str]) -> String {
    let is_scope = |(name, _): &(&String, &Value)| scope.contains(&name.as_str());
    let (first, others): (Vec<_>, Vec<_>) = fields.iter().partition(is_scope);
    let field =
        |(name, value): (&String, &Value)| format!("{}:{value}", Value::from(name.as_str()));
    let fields: Vec<String> = first.into_iter().chain(others).map(field).collect();
    format!("{{{}}}", fields.join(","))
}

/// Inspects a request without its body, because it is refused in any case.
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here.
pub(crate) fn inspect_head(path: &str, request: &Request) -> Result<Inspection, InspectionError> {
    let query = request.uri().query().unwrap_or_default();
    let has_body = !request.body().is_end_stream();
    let asked = parse_head(request.method(), path, query)?;
    if let Err(cause) = check_body(&asked, has_body) {
        return Err(InspectionError::of_body(cause, asked));
    }
    let body = if has_body && could_name(&asked) {
        InspectedBody::Unread
    } else {
        InspectedBody::Nothing
    };
    let asked = with_headers(asked, request.headers());
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
    match policy::workspace(headers) {
        Ok(_) => Ok(Inspection::new(asked, body)),
        Err(Ambiguous) => Err(InspectionError {
            cause: Problem::ambiguous_workspace(),
            inspection: Some(Box::new(Inspection::new(asked, body))),
        }),
    }
}

/// The request with what its headers say it is about. Which of two would count is
/// not known, so both do.
fn with_headers(asked: policy::Request, headers: &HeaderMap) -> policy::Request {
    let named = asked.naming_headers().iter();
    let values = named.flat_map(|(header, parameter)| {
        let values = headers.get_all(*header).iter();
        values.map(|value| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (*parameter, value.into_owned())
        })
    });
    let values = values.collect();
    asked.with_headers(values)
}

/// Whether a body may say what the request is about. A file does not, nor does
/// a search.
fn could_name(asked: &policy::Request) -> bool {
    use BodyRequirement::{Nothing, References};
    !matches!(asked.body(), Nothing | References) || *asked.operation() == Operation::Unknown
}

/// What a request for `path` on a server asks for, of which all that the gateway
/// would inspect is known.
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here, or the body is
/// a GraphQL document that is too long. Another long body is not inspected, as by
/// the gateway: then the request names nothing.
pub fn policy_request(
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<policy::Request, Problem> {
    if *method == Method::GET && !body.is_empty() {
        return parse_head(method, path, &get_body::into_query(query, body)?);
    }
    let asked = parse_head(method, path, query)?;
    check_body(&asked, !body.is_empty())?;
    match body_limit(&asked, Purpose::Limits) {
        Some(limit) if body.len() > limit => match asked.body() {
            BodyRequirement::Document => Err(Problem::graphql(GraphQlExcess::Body)),
            BodyRequirement::Names
            | BodyRequirement::References
            | BodyRequirement::Refused
            | BodyRequirement::Nothing => Ok(asked),
        },
        Some(_) => match inspect_body(asked, body, spans::Format::Json) {
            Ok(inspection) => Ok(inspection.request),
            Err(error) => Err(error.cause),
        },
        None => Ok(asked),
    }
}

fn parse_head(method: &Method, path: &str, query: &str) -> Result<policy::Request, Problem> {
    let asked = policy::Request::read(method.as_str(), path)
        .map_err(|Ambiguous| Problem::ambiguous_path())?;
    Ok(asked.with_query(query))
}

fn check_body(asked: &policy::Request, has_body: bool) -> Result<(), Problem> {
    if asked.body() == BodyRequirement::Refused && has_body {
        return Err(Problem::body_of_read());
    }
    Ok(())
}

fn inspect_body(
    asked: policy::Request,
    body: &[u8],
    format: spans::Format,
) -> Result<Inspection, InspectionError> {
    if asked.takes_spans() {
        return Ok(match format.traces(body) {
            Some(traces) => Inspection::new(asked.with_body(&traces), InspectedBody::Nothing),
            None => Inspection::new(asked, InspectedBody::Unread),
        });
    }
    let json = json(body);
    if let Operation::GraphQl(_) = asked.operation() {
        return inspect_graphql(asked, json.as_ref());
    }
    Ok(match json {
        Some(object @ Value::Object(_)) => {
            Inspection::new(asked.with_body(&object), InspectedBody::Json(object))
        }
        _ if body.is_empty() => Inspection::new(asked, InspectedBody::Nothing),
        _ => Inspection::new(asked, InspectedBody::Unread),
    })
}

fn inspect_graphql(
    asked: policy::Request,
    json: Option<&Value>,
) -> Result<Inspection, InspectionError> {
    let document = match json.map_or(Ok(None), graphql::read) {
        Ok(document) => document,
        Err(excess) => return Err(InspectionError::of_body(Problem::graphql(excess), asked)),
    };
    let Some(Document { fields, is_plain }) = document else {
        // A field without a name is an unknown one.
        let unread = asked.with_fields([""]);
        return Ok(Inspection::new(unread, InspectedBody::Unread));
    };
    let asked = asked.with_fields(fields.iter().map(|field| field.name.as_str()));
    let asked = if is_plain {
        asked.with_arguments(&fields)
    } else {
        asked
    };
    Ok(Inspection::new(asked, InspectedBody::Nothing))
}

/// How long a body that is inspected may be; `None` if it is not.
fn body_limit(asked: &policy::Request, purpose: Purpose) -> Option<usize> {
    use BodyRequirement as Body;
    match (asked.body(), purpose) {
        (Body::Document, _) => Some(GRAPHQL_BODY),
        (Body::Names | Body::References, Purpose::Limits) if asked.takes_spans() => {
            Some(SPANS_BODY)
        }
        (Body::Names | Body::References, Purpose::Limits) if asked.names_in_body() => {
            Some(REFERENCES_BODY)
        }
        (Body::Names, _) => Some(NAMES_BODY),
        (Body::References | Body::Refused | Body::Nothing, _) => None,
    }
}

/// What `judge` makes of the JSON of the body, if it is no longer than `limit` and has
/// one reading; the request keeps it in any case.
///
/// # Errors
/// If it does not arrive, or there is too much to be parsed.
pub(crate) async fn peek_json<T: Send + 'static>(
    parsers: &ParserPool,
    request: &mut Request,
    limit: usize,
    judge: impl FnOnce(Value) -> T + Send + 'static,
) -> Result<Option<T>, Problem> {
    let Some(body) = peek(request, limit).await? else {
        return Ok(None);
    };
    if body.len() > INLINE_PARSE_BYTES {
        return parsers.run(move || json(&body).map(judge)).await;
    }
    Ok(json(&body).map(judge))
}

/// The body, if it is no longer than `limit`; the request keeps it in any case.
async fn peek(request: &mut Request, limit: usize) -> Result<Option<Bytes>, Problem> {
    let arriving = read_beginning(std::mem::take(request.body_mut()), limit);
    let arrived = tokio::time::timeout(BODY_TIMEOUT, arriving).await;
    let (begun, rest) = arrived.map_err(|_| Problem::SLOW_REQUEST)??;
    let Some(rest) = rest else {
        *request.body_mut() = Body::from(begun.clone());
        return Ok(Some(begun));
    };
    let begun = stream::iter([Ok::<_, axum::Error>(begun)]);
    *request.body_mut() = Body::from_stream(begun.chain(rest.into_data_stream()));
    Ok(None)
}

/// Reads a body to its end, or until there is more than `limit`; then there is
/// a rest.
async fn read_beginning(mut body: Body, limit: usize) -> Result<(Bytes, Option<Body>), Problem> {
    let mut begun = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(BodyError::into_problem)?;
        if let Ok(data) = frame.into_data() {
            begun.extend_from_slice(&data);
        }
        if begun.len() > limit {
            return Ok((begun.freeze(), Some(body)));
        }
    }
    Ok((begun.freeze(), None))
}

fn json(bytes: &[u8]) -> Option<Value> {
    shell_core::json::parse(std::str::from_utf8(bytes).ok()?).ok()
}
