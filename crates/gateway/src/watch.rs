//! What is measured of one request, from its head to the end of its answer.
//!
//! A request carries its [`Watch`] along, and whoever learns something of it
//! says so. Names, paths and queries are not among that.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, Method},
    response::Response,
};
use shell_core::{policy::Operation, refusal::Problem};

use crate::{
    concurrency::Overloaded,
    guarded::until_sent,
    metrics::{Asked, Metrics, Told, Verdict, status_class},
    request_id::REQUEST_ID,
    trace::{Span, Tracer, UPSTREAM},
};

/// Whom to tell.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    pub(crate) metrics: Metrics,
    pub(crate) tracer: Tracer,
    /// Whether there is a line in the log for each request.
    pub(crate) log: bool,
}

/// One request's.
#[derive(Debug, Clone)]
pub(crate) struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    watching: Arc<Watching>,
    began: Instant,
    method: Method,
    id: Option<HeaderValue>,
    span: Span,
    known: Mutex<Known>,
}

/// What is known so far.
#[derive(Debug)]
struct Known {
    asked: Asked,
    endpoint: &'static str,
    verdict: Verdict,
    waited: Duration,
    upstream: Option<Duration>,
    told: bool,
}

/// Watches over a request while `answer` answers it.
pub(crate) async fn over(
    watching: &Arc<Watching>,
    mut request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let watch = Watch::new(watching.clone(), &request);
    request.extensions_mut().insert(watch.clone());
    let unanswered = Unanswered(watch.clone());
    let response = answer(request).await;
    watch.end(status_class(response.status().as_u16()));
    watch.0.span.status(response.status().as_u16());
    drop(unanswered);
    if watch.0.span.is_recorded() {
        return until_sent(response, watch);
    }
    response
}

/// Counts a request whose client has gone before there was an answer.
struct Unanswered(Watch);

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.0.end("none");
    }
}

impl Watch {
    fn new(watching: Arc<Watching>, request: &Request) -> Self {
        let span = watching.tracer.request(request.method());
        let id = request.headers().get(REQUEST_ID).cloned();
        if let Some(id) = id.as_ref().and_then(|id| id.to_str().ok()) {
            span.set("mlflow_shell.request_id", id);
        }
        let asked = Asked::at_first_sight(request.uri().path());
        Self(Arc::new(Inner {
            watching,
            began: Instant::now(),
            method: request.method().clone(),
            id,
            span,
            known: Mutex::new(Known {
                asked,
                endpoint: asked.area,
                verdict: Verdict::None,
                waited: Duration::ZERO,
                upstream: None,
                told: false,
            }),
        }))
    }

    /// The one that a request with these extensions carries.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let carried = extensions.get().cloned();
        carried.unwrap_or_else(|| Self::new(Arc::default(), &Request::default()))
    }

    /// A part of the request's way, until the span is dropped.
    pub(crate) fn span(&self, name: &'static str) -> Span {
        self.0.span.child(name)
    }

    /// The part that is MLflow's, of which MLflow is told.
    pub(crate) fn upstream_span(&self, headers: &mut HeaderMap) -> Span {
        let span = self.0.span.child(UPSTREAM);
        self.0.watching.tracer.pass_on(&span, headers);
        span
    }

    /// What the request asks for.
    fn asked(&self, operation: &Operation) {
        let mut known = self.known();
        known.asked = Asked::of(operation);
        known.endpoint = match operation {
            Operation::Endpoint(endpoint) => &endpoint.path,
            Operation::GraphQl(_) => "graphql",
            Operation::Unknown => "unknown",
        };
        self.0.span.rename(&self.0.method, known.endpoint);
    }

    /// What it asks for, if that has one reading, and whether it may.
    pub(crate) fn judged<T>(&self, asked: Option<&Operation>, permit: &Result<T, Problem>) {
        if let Some(operation) = asked {
            self.asked(operation);
        }
        self.verdict(match permit {
            Ok(_) => Verdict::Allow,
            Err(_) => Verdict::Deny,
        });
    }

    /// It is turned away.
    pub(crate) fn shed(&self, why: Overloaded) -> Problem {
        self.verdict(Verdict::Overloaded);
        self.0.watching.metrics.shed(why);
        match why {
            Overloaded::Full | Overloaded::Waited | Overloaded::Strangers => Problem::OVERLOADED,
            Overloaded::Rate => Problem::TOO_OFTEN,
        }
    }

    /// Whether it may go on.
    fn verdict(&self, verdict: Verdict) {
        self.known().verdict = verdict;
        self.0.span.set("mlflow_shell.verdict", verdict.as_str());
    }

    /// A token has been checked, or there was none that could be.
    pub(crate) fn token_checked<T>(&self, checked: &Result<T, Problem>) {
        let outcome = match checked.as_ref().map_err(Problem::status) {
            Ok(_) => "ok",
            Err(401) => {
                self.verdict(Verdict::Unauthenticated);
                "refused"
            }
            Err(503) => "unverifiable",
            // There was nothing to show a token for.
            Err(_) => return,
        };
        self.0.watching.metrics.token_check(outcome);
    }

    /// How long it waited for its place.
    pub(crate) fn waited(&self, took: Duration) {
        self.known().waited = took;
        self.0.watching.metrics.waited(took);
    }

    /// How long it took until `server` began its answer.
    pub(crate) fn upstream(&self, server: Option<&str>, took: Duration) {
        self.known().upstream = Some(took);
        self.0.watching.metrics.upstream(server, took);
    }

    fn end(&self, status: &'static str) {
        let took = self.0.began.elapsed();
        let (asked, verdict, own) = {
            let mut known = self.known();
            if known.told {
                return;
            }
            known.told = true;
            let upstream = known.upstream;
            let own = upstream.map(|upstream| took.saturating_sub(upstream + known.waited));
            (known.asked, known.verdict, own)
        };
        let metrics = &self.0.watching.metrics;
        metrics.request(asked, Told { verdict, status }, took);
        if let Some(own) = own {
            metrics.own(own);
        }
        if self.0.watching.log {
            self.log(status, took);
        }
    }

    /// The line of the log.
    fn log(&self, status: &'static str, took: Duration) {
        let known = self.known();
        tracing::info!(
            request_id = self.0.id.as_ref().and_then(|id| id.to_str().ok()),
            trace_id = self.0.span.trace_id(),
            method = %self.0.method,
            endpoint = known.endpoint,
            verdict = known.verdict.as_str(),
            status,
            milliseconds = took.as_secs_f64() * 1e3,
            "request"
        );
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
