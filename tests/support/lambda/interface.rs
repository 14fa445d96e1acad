//! Lambda's runtime interface, as far as functions use it.

use std::{
    sync::{Arc, Mutex as Lock},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};

/// What a function posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// As what.
    pub kind: Kind,
    /// What; null if it is not JSON.
    pub body: Value,
    /// How long after the event was handed out.
    pub took: Duration,
    pub(super) at: Instant,
}

/// As what a function posts something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The answer to an event.
    Response,
    /// That an event has no answer.
    Error,
    /// That it cannot start.
    InitError,
}

/// Both ends of what goes through the interface.
#[derive(Debug)]
pub(super) struct Interface {
    offered: mpsc::UnboundedSender<String>,
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    handed_out: Lock<Instant>,
    answers: mpsc::UnboundedSender<Answered>,
    asked: Lock<Vec<(&'static str, Instant)>>,
}

impl Interface {
    /// An interface, and what comes out of it.
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Answered>) {
        let (offered, events) = mpsc::unbounded_channel();
        let (answers, outcome) = mpsc::unbounded_channel();
        let interface = Self {
            offered,
            events: Mutex::new(events),
            handed_out: Lock::new(Instant::now()),
            answers,
            asked: Lock::default(),
        };
        (interface, outcome)
    }

    /// The interface, and the issuer's `keys` beside it.
    pub(super) fn router(self: Arc<Self>, keys: Option<String>) -> Router {
        let stub = self.clone();
        let publish = move || {
            stub.note("keys");
            std::future::ready(keys.clone().ok_or(StatusCode::SERVICE_UNAVAILABLE))
        };
        let runtime = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/{kind}", post(take))
            .route("/init/error", post(take_init_error))
            .with_state(self);
        Router::new()
            .nest("/2018-06-01/runtime", runtime)
            .route("/keys", get(publish))
    }

    /// Hands `event` out to the next request.
    pub(super) fn offer(&self, event: String) {
        // Both ends are here.
        self.offered.send(event).ok();
    }

    /// What was asked for, and when.
    pub(super) fn asked(&self) -> Vec<(&'static str, Instant)> {
        self.asked.lock().expect("no other thread panicked").clone()
    }

    fn note(&self, what: &'static str) {
        let mut asked = self.asked.lock().expect("no other thread panicked");
        asked.push((what, Instant::now()));
    }

    fn post(&self, kind: Kind, body: &str) {
        let at = Instant::now();
        let handed_out = *self.handed_out.lock().expect("no other thread panicked");
        let answer = Answered {
            kind,
            body: serde_json::from_str(body).unwrap_or_default(),
            took: at.saturating_duration_since(handed_out),
            at,
        };
        // The test may have ended.
        self.answers.send(answer).ok();
    }
}

type Headers = [(&'static str, &'static str); 4];

async fn next(State(stub): State<Arc<Interface>>) -> (Headers, String) {
    stub.note("next");
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "request-1"),
        ("lambda-runtime-deadline-ms", "4000000000000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:function",
        ),
    ];
    let event = stub.events.lock().await.recv().await;
    *stub.handed_out.lock().expect("no other thread panicked") = Instant::now();
    (headers, event.unwrap_or_default())
}

async fn take(
    State(stub): State<Arc<Interface>>,
    Path((_id, kind)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    let kind = match kind.as_str() {
        "response" => Kind::Response,
        "error" => Kind::Error,
        _ => return StatusCode::NOT_FOUND,
    };
    stub.post(kind, &body);
    StatusCode::ACCEPTED
}

async fn take_init_error(State(stub): State<Arc<Interface>>, body: String) -> StatusCode {
    stub.post(Kind::InitError, &body);
    StatusCode::ACCEPTED
}
