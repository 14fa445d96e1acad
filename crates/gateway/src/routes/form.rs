//! Forms in request bodies.

use axum::http::{HeaderMap, header};

/// Whether a request says that its body is a form.
pub(super) fn has_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}
