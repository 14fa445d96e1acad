//! Lists of everything, for users with limited rights: MLflow is asked for what they
//! may see, where it can be, and its answer is filtered in any case.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};
use shell_core::{
    bounds::{FILTERED_ANSWER, JSON_LENGTH},
    policy::Filter,
    refusal::Problem,
};
use tokio::task;

use crate::body::limited::BodyError;

/// The longest answer that is filtered on the connection's own thread, in bytes.
const INLINE_FILTER_BYTES: usize = 64 * 1024;

/// Adds what `filter` says to the request's own filter.
///
/// # Errors
/// If the request's body does not arrive.
pub(crate) async fn narrow(request: Request, filter: &Filter) -> Result<Request, Problem> {
    let (mut head, body) = request.into_parts();
    // The answer is read here.
    head.headers.remove(header::ACCEPT_ENCODING);
    for conditional in [
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::IF_RANGE,
        header::RANGE,
    ] {
        head.headers.remove(conditional);
    }
    if head.method == axum::http::Method::POST {
        let body = Limited::new(body, JSON_LENGTH).collect().await;
        let body =
            body.map_err(|error| BodyError::problem(&*error).unwrap_or(Problem::TOO_LARGE))?;
        let body = body.to_bytes();
        let body = narrowed_body(&body, filter).ok_or_else(Problem::body_unreadable)?;
        head.headers
            .insert(header::CONTENT_LENGTH, body.len().into());
        return Ok(Request::from_parts(head, Body::from(body)));
    }
    if let Some(uri) = narrowed_query(&head.uri, filter) {
        head.uri = uri;
    }
    Ok(Request::from_parts(head, body))
}

/// The body with what `filter` says in its own filter; `None` if it is not one object
/// with one reading, which MLflow's parser might still make something of.
fn narrowed_body(body: &Bytes, filter: &Filter) -> Option<Vec<u8>> {
    let mut body = match body.as_ref() {
        [] => Value::Object(Map::new()),
        text => shell_core::json::parse(std::str::from_utf8(text).ok()?).ok()?,
    };
    let fields = body.as_object_mut()?;
    let given = match fields.get("filter") {
        None | Some(Value::Null) => None,
        Some(given) => Some(given.as_str()?),
    };
    if let Some(wanted) = filter.query(given) {
        fields.insert("filter".to_owned(), wanted.into());
    }
    serde_json::to_vec(&body).ok()
}

fn narrowed_query(uri: &Uri, filter: &Filter) -> Option<Uri> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let given = pairs.iter().find(|(name, _)| name == "filter");
    let wanted = filter.query(given.map(|(_, value)| value.as_str()))?;
    let others = pairs.iter().filter(|(name, _)| name != "filter");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("filter", &wanted)
        .finish();
    format!("{}?{query}", uri.path()).parse().ok()
}

fn filtered(body: &[u8], filter: &Filter) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    filter.apply(&mut answer).ok()?;
    serde_json::to_vec(&answer).ok()
}

/// Removes from an answer of MLflow what the user may not see.
///
/// # Errors
/// If the answer is not the list that it should be.
pub(crate) async fn filter_answer(
    response: Response,
    filter: &Filter,
) -> Result<Response, Problem> {
    match response.status() {
        StatusCode::OK => {}
        other if other.is_success() => return Err(Problem::unfiltered()),
        // An error lists nothing.
        _ => return Ok(response),
    }
    let (mut head, body) = response.into_parts();
    let body = Limited::new(body, FILTERED_ANSWER).collect().await;
    let body = body.map_err(|_| Problem::unfiltered())?.to_bytes();
    let filtered = if body.len() <= INLINE_FILTER_BYTES {
        filtered(&body, filter)
    } else {
        let filter = filter.clone();
        let parsed = task::spawn_blocking(move || filtered(&body, &filter)).await;
        parsed.ok().flatten()
    };
    let filtered = filtered.ok_or_else(Problem::unfiltered)?;
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(filtered.len()));
    head.headers.remove(header::ETAG);
    head.headers.remove(header::TRANSFER_ENCODING);
    Ok(Response::from_parts(head, Body::from(filtered)))
}
