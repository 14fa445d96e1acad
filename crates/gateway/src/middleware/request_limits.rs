//! Limits on a request: its address, its head, its body, and how slow that may be.
//!
//! | what is too much | answer |
//! |---|---|
//! | the address | 414 |
//! | the head, or the number of its fields | 431 |
//! | the body, as announced or as it comes | 413 |
//! | time in which too little of the body comes | 408 |
//!
//! Far larger heads, and ones that are no HTTP, are refused by hyper before they
//! are seen here, with the same statuses and no text.

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};
use shell_core::{
    Config,
    refusal::{Problem, Requester},
};

use crate::{
    body::{drain, limited::LimitedBody},
    error_response::refuse,
    fetch_metadata,
    settings::{Limits, Settings, Time},
};

/// The limits of requests.
#[derive(Debug)]
pub(crate) struct RequestLimits {
    limits: Limits,
    body: Time,
    config: Config,
}

/// Which limit is exceeded.
#[derive(Debug, PartialEq, Eq)]
enum LimitExceeded {
    Address,
    Head,
    Body,
}

impl RequestLimits {
    pub(crate) fn new(settings: &Settings, config: &Config) -> Self {
        Self {
            limits: settings.limits.clone(),
            body: settings.timeouts.body,
            config: config.clone(),
        }
    }

    /// The limit that the head exceeds, if it does.
    fn exceeded(&self, head: &Parts) -> Option<LimitExceeded> {
        let address = head
            .uri
            .path_and_query()
            .map_or(0, |path| path.as_str().len());
        if address > self.limits.url_bytes.get() {
            return Some(LimitExceeded::Address);
        }
        let head_length = address + head_length(&head.headers);
        let too_many = field_count(&head.headers) > self.limits.headers.get();
        if too_many || head_length > self.limits.head_bytes.get() {
            return Some(LimitExceeded::Head);
        }
        let body = head.headers.get(header::CONTENT_LENGTH);
        let body = body.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        body.is_some_and(|length| length > self.limits.body_bytes)
            .then_some(LimitExceeded::Body)
    }

    /// The request, if its head is within the limits, with a body that is checked
    /// while it arrives; or else the response to it.
    pub(crate) async fn check(&self, request: Request) -> Result<Request, Response> {
        let (head, body) = request.into_parts();
        if let Some(exceeded) = self.exceeded(&head) {
            if !head.headers.contains_key(header::EXPECT) {
                drain(body).await;
            }
            return Err(exceeded.answer(&self.config, fetch_metadata::requester(&head.headers)));
        }
        let body = if body.is_end_stream() {
            body
        } else {
            Body::new(LimitedBody::new(body, &self.limits, self.body))
        };
        Ok(Request::from_parts(head, body))
    }
}

impl LimitExceeded {
    fn answer(&self, config: &Config, requester: Requester) -> Response {
        let (cause, status) = match self {
            Self::Address => (Problem::address_too_long(), Some(StatusCode::URI_TOO_LONG)),
            Self::Head => (Problem::HEADERS_TOO_LARGE, None),
            Self::Body => (Problem::TOO_LARGE, None),
        };
        let mut response = refuse(config, &cause, requester, None);
        if let Some(status) = status {
            *response.status_mut() = status;
        }
        response
    }
}

/// How many there are. HTTP/2 has a field for each cookie (RFC 9113, section
/// 8.2.3), HTTP/1.1 one for all of them, and a domain may have dozens.
fn field_count(headers: &HeaderMap) -> usize {
    let cookies = headers.get_all(header::COOKIE).iter().count();
    headers.len() - cookies.saturating_sub(1)
}

/// About how long it is on the wire: each field has a colon, a space and the end
/// of its line.
fn head_length(headers: &HeaderMap) -> usize {
    let field_count = headers.iter();
    field_count
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_count_as_one_field_however_they_are_sent() {
        let table = [(0, 0, 0), (0, 3, 3), (1, 3, 4), (45, 20, 21)];
        for (cookies, others, expected) in table {
            let mut headers = HeaderMap::new();
            for number in 0..cookies {
                let cookie = format!("c{number}=v").parse();
                headers.append(header::COOKIE, cookie.expect("a value"));
            }
            for _ in 0..others {
                headers.append("x-a", "b".parse().expect("a value"));
            }
            assert_eq!(field_count(&headers), expected, "{cookies} and {others}");
        }
    }
}
