//! How large a request may be, and how slow its body.
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

mod body;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};
use shell_core::{
    Config,
    refusal::{self, Problem, Refusal, Requester},
};

use self::body::Arriving;
pub(crate) use self::body::Stopped;
use crate::{
    enforce, initiator,
    refusal::refuse,
    settings::{Given, Limits, Time},
};

/// How many times larger than allowed a head may be to get our answer. (Of fields,
/// a hundred get it in any case.)
pub(crate) const SLACK: usize = 4;

/// The bounds of requests.
#[derive(Debug)]
pub(crate) struct Bounds {
    limits: Limits,
    body: Time,
    config: Config,
}

/// More than there may be.
#[derive(Debug, PartialEq, Eq)]
enum Excess {
    Address,
    Head,
    Body,
}

impl Bounds {
    pub(crate) fn new(given: &Given, config: &Config) -> Self {
        Self {
            limits: given.limits.clone(),
            body: given.timeouts.body,
            config: config.clone(),
        }
    }

    /// What there is too much of, as far as the head tells.
    fn excess(&self, head: &Parts) -> Option<Excess> {
        let address = head
            .uri
            .path_and_query()
            .map_or(0, |path| path.as_str().len());
        if address > self.limits.url_bytes.get() {
            return Some(Excess::Address);
        }
        let length = address + length(&head.headers);
        let too_many = fields(&head.headers) > self.limits.headers.get();
        if too_many || length > self.limits.head_bytes.get() {
            return Some(Excess::Head);
        }
        let body = head.headers.get(header::CONTENT_LENGTH);
        let body = body.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        body.is_some_and(|length| length > self.limits.body_bytes)
            .then_some(Excess::Body)
    }

    /// The request, if it is within bounds, and of its body what comes within
    /// them; or else the answer to it.
    pub(crate) async fn hold(&self, request: Request) -> Result<Request, Response> {
        let (head, body) = request.into_parts();
        if let Some(excess) = self.excess(&head) {
            if !head.headers.contains_key(header::EXPECT) {
                enforce::drain(body).await;
            }
            return Err(excess.answer(&self.config, initiator::asker(&head.headers)));
        }
        let body = if body.is_end_stream() {
            body
        } else {
            Body::new(Arriving::new(body, &self.limits, self.body))
        };
        Ok(Request::from_parts(head, body))
    }
}

impl Excess {
    fn answer(&self, config: &Config, asker: Requester) -> Response {
        let long = || Problem::bad_request("The address is longer than this server accepts.");
        let (cause, status) = match self {
            Self::Address => (long(), Some(StatusCode::URI_TOO_LONG)),
            Self::Head => (Problem::HEADERS_TOO_LARGE, None),
            Self::Body => (Problem::TOO_LARGE, None),
        };
        let mut response = refuse(config, &cause, asker, None);
        if let Some(status) = status {
            *response.status_mut() = status;
        }
        response
    }
}

/// The answer to a head that does not come to its end, as it is sent: nobody
/// knows who asks, for what.
pub(crate) fn too_slow() -> Vec<u8> {
    let cause = Problem::SLOW_REQUEST;
    let status = cause.status();
    let body = match refusal::refuse(&cause, Requester::Script, None) {
        Refusal::Json(_, body) | Refusal::Page(_, body) => body,
        Refusal::ToShell(_) => String::new(),
    };
    format!(
        "HTTP/1.1 {status} Request Timeout\r\ncontent-type: application/json\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// How many there are. HTTP/2 has a field for each cookie (RFC 9113, section
/// 8.2.3), HTTP/1.1 one for all of them, and a domain may have dozens.
fn fields(headers: &HeaderMap) -> usize {
    let cookies = headers.get_all(header::COOKIE).iter().count();
    headers.len() - cookies.saturating_sub(1)
}

/// About how long it is on the wire: each field has a colon, a space and the end
/// of its line.
fn length(headers: &HeaderMap) -> usize {
    let fields = headers.iter();
    fields
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
            assert_eq!(fields(&headers), expected, "{cookies} and {others}");
        }
    }
}
