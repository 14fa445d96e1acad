//! What tests of several modules share.

use serde_json::Value;
use shell_core::{Timestamp, claims::Claims};

use crate::{Event, EventKind};

pub(crate) const KINDS: [EventKind; 4] = [
    EventKind::Token,
    EventKind::Rest,
    EventKind::Http1,
    EventKind::Http2,
];

/// An event of the form that AWS documents, without a token.
pub(crate) fn fixture(kind: EventKind) -> Value {
    let text = match kind {
        EventKind::Token => include_str!("../fixtures/token.json"),
        EventKind::Rest => include_str!("../fixtures/request.json"),
        EventKind::Http1 => include_str!("../fixtures/http-api-1.0.json"),
        EventKind::Http2 => include_str!("../fixtures/http-api-2.0.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// An event of a REST API about a request of the form `GET /path`.
pub(crate) fn event(line: &str) -> Event {
    let (method, path) = line.split_once(' ').unwrap();
    let mut event = fixture(EventKind::Rest);
    event["httpMethod"] = method.into();
    event["path"] = path.into();
    let api = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234";
    event["methodArn"] = format!("{api}/prod/{method}{path}").into();
    Event::read(&event, "").unwrap()
}

pub(crate) fn claims(groups: &[&str]) -> Claims {
    Claims {
        issuer: "https://issuer.example".to_owned(),
        subject: "user-1".into(),
        name: "a@example.com".into(),
        groups: groups.iter().map(ToString::to_string).collect(),
        groups_error: None,
        issued_at: None,
        expires_at: Timestamp(1),
        nonce: None,
    }
}
