//! What a request's headers say of who began it (W3C Fetch Metadata).

use axum::http::{HeaderMap, header};
use shell_core::{initiator::Initiator, refusal::Requester};

/// Who began the request with these headers.
pub(crate) fn initiator(headers: &HeaderMap) -> Initiator<'_> {
    Initiator {
        requester: requester(headers),
        site: only(headers, "sec-fetch-site"),
        origin: only(headers, header::ORIGIN.as_str()),
    }
}

/// The kind of client.
pub(crate) fn requester(headers: &HeaderMap) -> Requester {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Requester::of_headers(
        text("sec-fetch-mode"),
        text("sec-fetch-dest"),
        text(header::ACCEPT.as_str()),
    )
}

/// The one header of this name; an empty text for one that is there twice or is
/// no text, so that it is never taken for a missing one.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    let is_only = values.next().is_none();
    Some(first.to_str().ok().filter(|_| is_only).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_header_counts_if_it_is_there_once_and_is_a_text() {
        const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
        let headers = |values: &[&'static [u8]]| {
            let values = values.iter().map(|value| HeaderValue::from_bytes(value));
            values
                .map(|value| (SITE, value.unwrap()))
                .collect::<HeaderMap>()
        };
        let table: [(&[&'static [u8]], Option<&str>); 4] = [
            (&[], None),
            (&[b"same-origin"], Some("same-origin")),
            (&[b"same-origin", b"same-origin"], Some("")),
            (&[b"caf\xe9"], Some("")),
        ];
        for (values, expected) in table {
            assert_eq!(initiator(&headers(values)).site, expected, "{values:?}");
        }
    }
}
