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
    let asked = policy::Request::read(request.method().as_str(), path)
        .map_err(|Ambiguous| Cause::BadRequest(TWO_READINGS))?;
    if is_bodiless(request.method()) && has_body(request) {
        return Err(Cause::BadRequest(BODY_OF_READ));
    }
    let asked = asked.with_query(request.uri().query().unwrap_or_default());
    // A GET has no document, and asks for nothing.
    if matches!(asked.operation(), Operation::GraphQl(_)) && !is_bodiless(request.method()) {
        let body = buffer(request, LONGEST_DOCUMENT).await?;
        let fields = json(&body).as_ref().and_then(graphql::root_fields);
        // Of what cannot be read nothing is known.
        let fields = fields.unwrap_or_else(|| vec![String::new()]);
        let asked = asked.with_fields(fields.iter().map(String::as_str));
        return Ok(Look { asked, body: None });
    }
    if !is_worth_a_look(&asked, request) {
        return Ok(Look { asked, body: None });
    }
    let body = buffer(request, LONGEST_NAMING).await?;
    let body = json(&body);
    let asked = match &body {
        Some(body) => asked.with_body(body),
        None => asked,
    };
    Ok(Look { asked, body })
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

/// Whether the body may name what is changed. Artifacts are streamed, and so is
/// whatever does not say that it is short.
fn is_worth_a_look(asked: &policy::Request, request: &Request) -> bool {
    let Operation::Endpoint(endpoint) = asked.operation() else {
        return false;
    };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let is_change = endpoint.access != Access::Read && endpoint.area != Area::Artifacts;
    (is_change || asked.names_in_body())
        && length.is_some_and(|length| (1..=LONGEST_NAMING).contains(&length))
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
