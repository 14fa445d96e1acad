//! Looking at a request as the policy has to.

use axum::{
    body::Body,
    extract::Request,
    http::{Method, header},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use shell_core::{
    json::Value,
    policy::{self, Access, Ambiguous, Area, Operation},
    refusal::Cause,
};

use crate::graphql;

/// The longest GraphQL document with its variables, in bytes. The UI's longest
/// lists the runs that are compared.
const LONGEST_DOCUMENT: usize = 1024 * 1024;

/// The longest body that is looked at for names, in bytes. What creates, tags
/// or deletes something is far shorter.
const LONGEST_NAMING: usize = 64 * 1024;

/// A request, as far as it is judged and written down.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) asked: policy::Request,
    /// What its body says, if that was looked at.
    pub(crate) body: Option<Value>,
}

/// Looks at `request` for `path` on a server. A body that is looked at is put
/// back as it was.
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here.
pub(crate) async fn at(path: &str, request: &mut Request) -> Result<Look, Cause> {
    let query = request.uri().query().unwrap_or_default();
    let asked = at_head(request.method(), path, query, has_body(request))?;
    let Some(limit) = worth_a_look(request.method(), &asked, length(request)) else {
        return Ok(Look { asked, body: None });
    };
    let body = buffer(request, limit).await?;
    Ok(at_body(asked, &body))
}

/// What a request for `path` on a server asks for, with all that the gateway
/// would look at in hand.
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here, or the body
/// is too long.
pub fn asked(
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<policy::Request, Cause> {
    let asked = at_head(method, path, query, !body.is_empty())?;
    match worth_a_look(method, &asked, Some(body.len())) {
        None => Ok(asked),
        Some(limit) if body.len() > limit => Err(Cause::TooLarge),
        Some(_) => Ok(at_body(asked, body).asked),
    }
}

fn at_head(
    method: &Method,
    path: &str,
    query: &str,
    has_body: bool,
) -> Result<policy::Request, Cause> {
    let asked = policy::Request::read(method.as_str(), path)
        .map_err(|Ambiguous| Cause::BadRequest(TWO_READINGS))?;
    if is_bodiless(method) && has_body {
        return Err(Cause::BadRequest(BODY_OF_READ));
    }
    Ok(asked.with_query(query))
}

fn at_body(asked: policy::Request, body: &[u8]) -> Look {
    let body = json(body);
    if let Operation::GraphQl(_) = asked.operation() {
        let fields = body.as_ref().and_then(graphql::root_fields);
        // Of what cannot be read nothing is known.
        let fields = fields.unwrap_or_else(|| vec![String::new()]);
        let asked = asked.with_fields(fields.iter().map(String::as_str));
        return Look { asked, body: None };
    }
    let asked = match &body {
        Some(body) => asked.with_body(body),
        None => asked,
    };
    Look { asked, body }
}

const TWO_READINGS: &str = "The path can be read in more than one way: it has an empty segment, \
     a dot segment, or an escape that is none.";

const BODY_OF_READ: &str = "A request to read has no body.";

/// MLflow reads a `GET`'s body in place of its query, and always a `HEAD`'s
/// (measured, MLflow 3.18.0), and no client sends one.
fn is_bodiless(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn has_body(request: &Request) -> bool {
    use axum::body::HttpBody;
    !request.body().is_end_stream()
}

fn length(request: &Request) -> Option<usize> {
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// How long the body may be, if it is to be looked at: a GraphQL document, or
/// what may name what is changed. Artifacts are streamed, and so is whatever
/// does not say that it is short.
fn worth_a_look(method: &Method, asked: &policy::Request, length: Option<usize>) -> Option<usize> {
    let endpoint = match asked.operation() {
        // It has no document, and asks for nothing.
        Operation::GraphQl(_) if is_bodiless(method) => return None,
        Operation::GraphQl(_) => return Some(LONGEST_DOCUMENT),
        Operation::Endpoint(endpoint) => endpoint,
        Operation::Unknown => return None,
    };
    let is_change = endpoint.access != Access::Read && endpoint.area != Area::Artifacts;
    let is_short = length.is_some_and(|length| (1..=LONGEST_NAMING).contains(&length));
    ((is_change || asked.names_in_body()) && is_short).then_some(LONGEST_NAMING)
}

async fn buffer(request: &mut Request, limit: usize) -> Result<Bytes, Cause> {
    let body = std::mem::take(request.body_mut());
    let bytes = match Limited::new(body, limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(Cause::TooLarge),
        Err(_) => return Err(Cause::BadRequest("The request's body did not arrive.")),
    };
    *request.body_mut() = Body::from(bytes.clone());
    Ok(bytes)
}

fn json(bytes: &[u8]) -> Option<Value> {
    shell_jose::parse_json(std::str::from_utf8(bytes).ok()?).ok()
}
