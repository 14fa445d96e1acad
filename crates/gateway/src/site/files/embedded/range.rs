//! Which part of a file is asked for (RFC 9110 §14.2).

use axum::http::{HeaderMap, HeaderValue, header};
use http_range_header::parse_range_header;

/// How much of a file an answer has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// The places of the first byte and the last.
    Part(usize, usize),
    /// No such part, or several.
    Unsatisfiable,
}

/// What is asked for of a file of `size` bytes that is tagged `tag`.
pub(super) fn asked(headers: &HeaderMap, tag: &HeaderValue, size: usize) -> Extent {
    let range = headers.get(header::RANGE);
    let Some(range) = range.and_then(|range| range.to_str().ok()) else {
        return Extent::Whole;
    };
    // The rest of what is no longer here would fit nothing.
    if headers
        .get(header::IF_RANGE)
        .is_some_and(|known| known != tag)
    {
        return Extent::Whole;
    }
    let ranges = parse_range_header(range).and_then(|ranges| ranges.validate(size as u64));
    match ranges.as_deref() {
        Ok([range]) => part(*range.start(), *range.end()),
        _ => Extent::Unsatisfiable,
    }
}

fn part(first: u64, last: u64) -> Extent {
    match (usize::try_from(first), usize::try_from(last)) {
        (Ok(first), Ok(last)) => Extent::Part(first, last),
        _ => Extent::Unsatisfiable,
    }
}
