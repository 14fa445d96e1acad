//! The response to a request whose head does not arrive in time.

use shell_core::refusal::{self, Problem, Refusal, Requester};

/// The bytes of the response: a 408 in MLflow's error JSON, because neither the
/// kind of client nor the path is known.
pub(super) fn response() -> Vec<u8> {
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
