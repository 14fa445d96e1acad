//! Looking at a request as the policy has to.

use std::time::Duration;

use axum::{body::Body, extract::Request, http::Method};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use serde_json::Value;
use shell_core::{
    bounds::{GRAPHQL_BODY, GraphQlExcess, NAMES_BODY},
    canonical_path::Ambiguous,
    policy::{self, BodyRequirement, Operation},
    refusal::Problem,
};

use crate::{bounds::Stopped, graphql, parsers::Parsers};

/// The longest body that names are looked for in on the connection's own thread,
/// in bytes.
const PARSED_HERE: usize = 8 * 1024;

/// How long a body may take to arrive that is looked at.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, as far as it is judged and written down.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) asked: policy::Request,
    pub(crate) said: Said,
}

/// What a body says of a change.
#[derive(Debug)]
pub(crate) enum Said {
    /// There is none, or it names nothing.
    Nothing,
    /// It could name something and is not known: it is too long to be looked at,
    /// did not arrive, or is no JSON object that has one reading.
    Unread,
    /// This object.
    Json(Value),
}

/// Why a request goes no further, and what is known of it all the same.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) cause: Problem,
    pub(crate) look: Option<Box<Look>>,
}

impl From<Problem> for Unreadable {
    fn from(cause: Problem) -> Self {
        Self { cause, look: None }
    }
}

impl Unreadable {
    /// It asks for this, and its body is not known.
    fn body(cause: Problem, asked: policy::Request) -> Self {
        let said = Said::Unread;
        let look = Some(Box::new(Look { asked, said }));
        Self { cause, look }
    }
}

/// Looks at `request` for `path` on a server. A body that is looked at is put
/// back as it was.
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here, its body
/// does not arrive, or there is too much of it to be read.
pub(crate) async fn at(
    parsers: &Parsers,
    path: &str,
    request: &mut Request,
) -> Result<Look, Unreadable> {
    let Look { asked, said } = from_afar(path, request)?;
    let Some(limit) = limit(&asked) else {
        return Ok(Look { asked, said });
    };
    let is_document = asked.body() == BodyRequirement::Document;
    match peek(request, limit).await {
        Ok(Some(body)) if is_document || body.len() > PARSED_HERE => {
            let known = asked.clone();
            let parsed = parsers.run(move || at_body(asked, &body)).await;
            parsed.map_err(|cause| Unreadable::body(cause, known))?
        }
        Ok(Some(body)) => at_body(asked, &body),
        Ok(None) if is_document => {
            let cause = Problem::graphql(GraphQlExcess::Body);
            Err(Unreadable::body(cause, asked))
        }
        Ok(None) => Ok(Look {
            asked,
            said: Said::Unread,
        }),
        Err(cause) => Err(Unreadable::body(cause, asked)),
    }
}

/// The same without its body, for a request that is refused in any case.
///
/// # Errors
/// If MLflow could read the request otherwise than it is read here.
pub(crate) fn from_afar(path: &str, request: &Request) -> Result<Look, Unreadable> {
    let query = request.uri().query().unwrap_or_default();
    let has_body = has_body(request);
    let asked = at_head(request.method(), path, query)?;
    if let Err(cause) = check_body(&asked, has_body) {
        return Err(Unreadable::body(cause, asked));
    }
    let said = if has_body && could_name(&asked) {
        Said::Unread
    } else {
        Said::Nothing
    };
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
    match policy::workspace(headers) {
        Ok(_) => Ok(Look { asked, said }),
        Err(Ambiguous) => Err(Unreadable {
            cause: Problem::bad_request(TWO_WORKSPACES),
            look: Some(Box::new(Look { asked, said })),
        }),
    }
}

/// Whether a body may say what the request is about. A file does not, nor does
/// a search.
fn could_name(asked: &policy::Request) -> bool {
    asked.body() != BodyRequirement::Nothing || *asked.operation() == Operation::Unknown
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
) -> Result<policy::Request, Problem> {
    let asked = at_head(method, path, query)?;
    check_body(&asked, !body.is_empty())?;
    match limit(&asked) {
        Some(limit) if body.len() > limit => Err(match asked.body() {
            BodyRequirement::Document => Problem::graphql(GraphQlExcess::Body),
            BodyRequirement::Names | BodyRequirement::Refused | BodyRequirement::Nothing => {
                Problem::TOO_LARGE
            }
        }),
        Some(_) => match at_body(asked, body) {
            Ok(look) => Ok(look.asked),
            Err(unreadable) => Err(unreadable.cause),
        },
        None => Ok(asked),
    }
}

fn at_head(method: &Method, path: &str, query: &str) -> Result<policy::Request, Problem> {
    let asked = policy::Request::read(method.as_str(), path)
        .map_err(|Ambiguous| Problem::bad_request(TWO_READINGS))?;
    Ok(asked.with_query(query))
}

fn check_body(asked: &policy::Request, has_body: bool) -> Result<(), Problem> {
    if asked.body() == BodyRequirement::Refused && has_body {
        return Err(Problem::bad_request(BODY_OF_READ));
    }
    Ok(())
}

fn at_body(asked: policy::Request, body: &[u8]) -> Result<Look, Unreadable> {
    let json = json(body);
    if let Operation::GraphQl(_) = asked.operation() {
        let fields = match json.as_ref().map_or(Ok(None), graphql::root_fields) {
            Ok(fields) => fields,
            Err(excess) => return Err(Unreadable::body(Problem::graphql(excess), asked)),
        };
        let said = if fields.is_some() {
            Said::Nothing
        } else {
            Said::Unread
        };
        // Of what cannot be read nothing is known.
        let fields = fields.unwrap_or_else(|| vec![String::new()]);
        let asked = asked.with_fields(fields.iter().map(String::as_str));
        return Ok(Look { asked, said });
    }
    Ok(match json {
        Some(said @ Value::Object(_)) => Look {
            asked: asked.with_body(&said),
            said: Said::Json(said),
        },
        _ if body.is_empty() => Look {
            asked,
            said: Said::Nothing,
        },
        _ => Look {
            asked,
            said: Said::Unread,
        },
    })
}

pub(crate) const TWO_READINGS: &str = "The path can be read in more than one way: it has an empty segment, \
     a dot segment, or an escape that is none.";

const TWO_WORKSPACES: &str = "The workspace can be read in more than one way: send one \
     X-MLFLOW-WORKSPACE header, in visible ASCII letters without a comma, or none.";

const BODY_OF_READ: &str = "A GET or HEAD request has no body.";

fn has_body(request: &Request) -> bool {
    use axum::body::HttpBody;
    !request.body().is_end_stream()
}

/// How long the body may be, if it is to be looked at.
fn limit(asked: &policy::Request) -> Option<usize> {
    match asked.body() {
        BodyRequirement::Document => Some(GRAPHQL_BODY),
        BodyRequirement::Names => Some(NAMES_BODY),
        BodyRequirement::Refused | BodyRequirement::Nothing => None,
    }
}

/// The body, if it is no longer than `limit`; the request keeps it in any case.
async fn peek(request: &mut Request, limit: usize) -> Result<Option<Bytes>, Problem> {
    let arriving = beginning(std::mem::take(request.body_mut()), limit);
    let arrived = tokio::time::timeout(PATIENCE, arriving).await;
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
async fn beginning(mut body: Body, limit: usize) -> Result<(Bytes, Option<Body>), Problem> {
    let mut begun = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let broken = |error| {
            let stopped = Stopped::cause(&error);
            stopped.unwrap_or_else(|| Problem::bad_request("The request's body broke off."))
        };
        if let Ok(data) = frame.map_err(broken)?.into_data() {
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
