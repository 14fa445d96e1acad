//! Ways to break a deployment.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

/// Which server is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The site's.
    Site,
    /// The provider's.
    Provider,
    /// MLflow's own.
    Server,
    /// An API on another origin.
    Api,
}

/// One thing that is broken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Break {
    at: At,
    /// A path, of which `*` at either end is anything; a method before it.
    path: &'static str,
    how: How,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    /// Another answer: status, type and body.
    Answer(u16, &'static str, &'static str),
    /// The same, to who shows a token.
    ToBearers(u16, &'static str, &'static str),
    /// One header of the answer is another, or missing.
    Header(&'static str, Option<&'static str>),
    /// Answers with the token that was shown.
    Repeat,
}

pub(crate) const fn answer(status: u16, kind: &'static str, body: &'static str) -> How {
    How::Answer(status, kind, body)
}

pub(crate) const fn header(name: &'static str, value: Option<&'static str>) -> How {
    How::Header(name, value)
}

impl How {
    /// The same answer, to who shows a token.
    pub(crate) fn to_bearers(self) -> Self {
        match self {
            Self::Answer(status, kind, body) => Self::ToBearers(status, kind, body),
            other @ (Self::ToBearers(..) | Self::Header(..) | Self::Repeat) => other,
        }
    }
}

impl Break {
    pub(crate) fn new(at: At, path: &'static str, how: How) -> Self {
        Self { at, path, how }
    }

    fn concerns(&self, request: &Request) -> bool {
        let (method, path) = self.path.split_once(' ').unwrap_or(("", self.path));
        let asked = request.uri().path();
        let fits = match (path.strip_prefix('*'), path.strip_suffix('*')) {
            (Some(end), _) => asked.ends_with(end),
            (_, Some(start)) => asked.starts_with(start),
            (None, None) => asked == path,
        };
        let by_method = method.is_empty() && *request.method() != Method::OPTIONS;
        fits && (by_method || request.method().as_str() == method)
    }
}

/// What was shown as a token, to whom it does not matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bearers(Arc<Mutex<Vec<String>>>);

impl Bearers {
    pub(crate) fn has(&self, token: &str) -> bool {
        let shown = self.0.lock().expect("no other thread panicked");
        shown.iter().any(|bearer| bearer.contains(token))
    }
}

/// Breaks a server.
pub(crate) fn around(router: Router, at: At, breaks: &[Break], bearers: &Bearers) -> Router {
    let breaks: Vec<Break> = breaks
        .iter()
        .copied()
        .filter(|broken| broken.at == at)
        .collect();
    let state = (breaks, bearers.clone());
    router.layer(middleware::from_fn_with_state(state, apply))
}

async fn apply(
    State((breaks, bearers)): State<(Vec<Break>, Bearers)>,
    request: Request,
    next: Next,
) -> Response {
    let bearer = request.headers().get(AUTHORIZATION).cloned();
    if let Some(text) = bearer.as_ref().and_then(|bearer| bearer.to_str().ok()) {
        let mut shown = bearers.0.lock().expect("no other thread panicked");
        shown.push(text.to_owned());
    }
    let Some(broken) = breaks.iter().find(|broken| broken.concerns(&request)) else {
        return next.run(request).await;
    };
    match (broken.how, bearer) {
        (How::Answer(status, kind, body), _) | (How::ToBearers(status, kind, body), Some(_)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [("content-type", kind)], body).into_response()
        }
        (How::Repeat, Some(bearer)) => bearer.as_bytes().to_vec().into_response(),
        (How::Header(name, value), _) => {
            let mut response = next.run(request).await;
            let name = HeaderName::from_static(name);
            response.headers_mut().remove(&name);
            if let Some(value) = value {
                let value = HeaderValue::from_static(value);
                response.headers_mut().insert(name, value);
            }
            response
        }
        (How::ToBearers(..) | How::Repeat, None) => next.run(request).await,
    }
}
