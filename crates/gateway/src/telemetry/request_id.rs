//! Every request gets an id, which is sent to MLflow and to the caller: a line of
//! one log leads to those of the others.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives a request its id, in place of any the client made up.
pub(crate) fn assign(headers: &mut HeaderMap) -> HeaderValue {
    let id = next_id();
    headers.insert(REQUEST_ID, id.clone());
    id
}

/// A random start and a counter: unique within a process and, for all that
/// logs need, among several.
fn next_id() -> HeaderValue {
    static NEXT: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(getrandom::u64().unwrap_or_default()));
    let id = format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("0"))
}
