//! The rendezvous: where the windows of a framed sign-in exchange the provider's
//! answer when they have lost each other.
//!
//! A framed shell opens a relay window, which opens the hosted login, because
//! that refuses frames. The login returns to the callback page, which hands the
//! provider's answer to the relay, and that to the frame. If the user has
//! closed the relay meanwhile, the callback page leaves the answer here, under
//! the `state` of the sign-in, and the frame's page fetches it: browsers keep
//! the storage of the two apart.
//!
//! ```text
//! POST /rendezvous       state=…&answer=…   204
//! POST /rendezvous/take  state=…            200 and the answer, once; then 204
//! ```
//!
//! Why that gives nothing away:
//!
//! 1. An answer is stored under its `state`, which a request for it has to name.
//!    The state is drawn by the frame's worker for one sign-in, and known to that
//!    browser and the provider. The callback page leaves an answer here
//!    only if it finds the state among what the relay has left in the browser,
//!    and the relay is told it only by the frame that opened it.
//! 2. An answer is a code, which is worth nothing without the code verifier.
//!    That never leaves the frame's worker.
//! 3. Other sites can neither put nor take: a browser says where a request
//!    comes from, and only our own pages are answered. A program can say what
//!    it likes; it may fill the store and take nothing, for want of a state.
//! 4. An answer is kept in memory, under a digest of its state, for two
//!    minutes, and handed out once. Nothing of it is logged.
//! 5. A client may put and take so often (`rate_limit`): no single one can fill
//!    the store.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use sha2::{Digest, Sha256};
use shell_core::{
    Config, Secret,
    popup::{COLLECTION, DEPOSIT},
    refusal::{Problem, Requester},
};

use super::form::has_form;
use crate::{
    error_response::refuse,
    middleware::{
        rate_limit::{RateLimit, RateLimits, enforce},
        same_origin,
    },
};

/// How long an answer waits for the frame: the code in it lives no longer than
/// a few minutes either (RFC 6749 §4.1.2).
const TTL: Duration = Duration::from_mins(2);

/// Most answers that wait at a time: 4 MB, and far more sign-ins than two
/// minutes see.
const MAX_STORED: usize = 1000;

/// The longest answer, in bytes.
const MAX_ANSWER_BYTES: usize = 4096;

/// The largest body: the longest answer, with every byte percent-encoded.
const MAX_BODY_BYTES: usize = 3 * MAX_ANSWER_BYTES + 512;

/// Lengths a state may have: from 192 bits of randomness up.
const STATE_LENGTHS: std::ops::RangeInclusive<usize> = 32..=128;

/// The two addresses, for pages at the site's origin.
pub(crate) fn router(config: &Config, limits: &RateLimits) -> Router {
    let origin: Arc<str> = config.origin.as_str().into();
    let config = Arc::new(config.clone());
    let bounded = |limit: &Arc<RateLimit>| {
        let (limit, config) = (limit.clone(), config.clone());
        middleware::from_fn(move |request, next| {
            let config = config.clone();
            let refuse = move |cause: &Problem| refuse(&config, cause, Requester::Script, None);
            enforce(limit.clone(), refuse, request, next)
        })
    };
    Router::new()
        .route(DEPOSIT, post(put).layer(bounded(&limits.deposits)))
        .route(COLLECTION, post(take).layer(bounded(&limits.collections)))
        .with_state(Shared::default())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(
            origin,
            same_origin::require_same_origin,
        ))
}

type Shared = Arc<Mutex<ReturnStore>>;

async fn put(State(store): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some([state, answer]) = fields(&headers, &body, ["state", "answer"]) else {
        return StatusCode::BAD_REQUEST;
    };
    if !is_state(state.expose()) {
        return StatusCode::BAD_REQUEST;
    }
    if answer.expose().len() > MAX_ANSWER_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    match lock(&store).put(&state, answer, Instant::now()) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(StoreFull) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn take(State(store): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match fields(&headers, &body, ["state"]) {
        Some([state]) if is_state(state.expose()) => {
            match lock(&store).take(&state, Instant::now()) {
                // As text: `text/plain`.
                Some(answer) => answer.expose().to_owned().into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            }
        }
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// A panic leaves no state half-changed.
fn lock(store: &Shared) -> std::sync::MutexGuard<'_, ReturnStore> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The values of a form that has exactly these fields, in this order.
fn fields<const N: usize>(
    headers: &HeaderMap,
    body: &[u8],
    names: [&str; N],
) -> Option<[Secret; N]> {
    if !has_form(headers) {
        return None;
    }
    let pairs: Vec<_> = form_urlencoded::parse(body).collect();
    let are_named = pairs.iter().map(|(name, _)| name).eq(names.iter());
    let values = pairs.into_iter().map(|(_, value)| Secret::new(value));
    values
        .collect::<Vec<_>>()
        .try_into()
        .ok()
        .filter(|_| are_named)
}

fn is_state(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    STATE_LENGTHS.contains(&text.len()) && text.bytes().all(is_letter)
}

/// Answers that wait to be taken, by the digest of their state: how long a
/// search takes says nothing about the states there are.
#[derive(Default)]
struct ReturnStore(HashMap<[u8; 32], PendingReturn>);

struct PendingReturn {
    text: Secret,
    until: Instant,
}

/// There are [`MAX_STORED`] answers already.
#[derive(Debug, PartialEq, Eq)]
struct StoreFull;

impl ReturnStore {
    fn put(&mut self, state: &Secret, text: Secret, now: Instant) -> Result<(), StoreFull> {
        self.remove_expired(now);
        if self.0.len() >= MAX_STORED {
            return Err(StoreFull);
        }
        let until = now + TTL;
        self.0.insert(digest(state), PendingReturn { text, until });
        Ok(())
    }

    fn take(&mut self, state: &Secret, now: Instant) -> Option<Secret> {
        self.remove_expired(now);
        self.0.remove(&digest(state)).map(|answer| answer.text)
    }

    fn remove_expired(&mut self, now: Instant) {
        self.0.retain(|_, answer| now < answer.until);
    }
}

impl fmt::Debug for ReturnStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnStore({})", self.0.len())
    }
}

fn digest(state: &Secret) -> [u8; 32] {
    Sha256::digest(state.expose()).into()
}

#[cfg(test)]
mod tests;
