//! Request telemetry: what is measured of one request, from its head to the end of
//! its response.
//!
//! A request carries its [`RequestTelemetry`] in its extensions, and each step of
//! its way adds to it. Names, paths and queries are not part of it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, Method},
    response::Response,
};
use shell_core::{
    claims::Claims,
    credentials::Reason,
    policy::Operation,
    refusal::{Problem, Rejection},
};

use super::{
    metrics::{Metrics, OperationLabels, OutcomeLabels, Verdict, status_class},
    request_id::REQUEST_ID,
    shed_reason::ShedReason,
    trace::{Span, Tracer, UPSTREAM},
};
use crate::body::guarded::hold_until_sent;

/// Where telemetry goes.
#[derive(Debug, Default)]
pub(crate) struct TelemetrySinks {
    pub(crate) metrics: Metrics,
    pub(crate) tracer: Tracer,
    /// Whether there is a line in the log for each request.
    pub(crate) log: bool,
}

/// The telemetry of one request.
#[derive(Debug, Clone)]
pub(crate) struct RequestTelemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sinks: Arc<TelemetrySinks>,
    began: Instant,
    method: Method,
    id: Option<HeaderValue>,
    span: Span,
    observed: Mutex<Observed>,
}

/// What is known so far.
#[derive(Debug)]
struct Observed {
    labels: OperationLabels,
    endpoint: &'static str,
    verdict: Verdict,
    waited: Duration,
    upstream: Option<Duration>,
    recorded: bool,
}

/// Observes a request while `answer` answers it.
pub(crate) async fn observe(
    sinks: &Arc<TelemetrySinks>,
    mut request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let telemetry = RequestTelemetry::new(sinks.clone(), &request);
    request.extensions_mut().insert(telemetry.clone());
    let unanswered = UnansweredGuard(telemetry.clone());
    let response = answer(request).await;
    telemetry.end(status_class(response.status().as_u16()));
    telemetry.0.span.status(response.status().as_u16());
    drop(unanswered);
    if telemetry.0.span.is_recorded() {
        return hold_until_sent(response, telemetry);
    }
    response
}

/// Counts a request whose client went away before there was a response.
struct UnansweredGuard(RequestTelemetry);

impl Drop for UnansweredGuard {
    fn drop(&mut self) {
        self.0.end("none");
    }
}

impl RequestTelemetry {
    fn new(sinks: Arc<TelemetrySinks>, request: &Request) -> Self {
        let span = sinks.tracer.request(request.method());
        let id = request.headers().get(REQUEST_ID).cloned();
        if let Some(id) = id.as_ref().and_then(|id| id.to_str().ok()) {
            span.set("mlflow_shell.request_id", id);
        }
        let labels = OperationLabels::of_path(request.uri().path());
        Self(Arc::new(Inner {
            sinks,
            began: Instant::now(),
            method: request.method().clone(),
            id,
            span,
            observed: Mutex::new(Observed {
                labels,
                endpoint: labels.area,
                verdict: Verdict::None,
                waited: Duration::ZERO,
                upstream: None,
                recorded: false,
            }),
        }))
    }

    /// The telemetry that a request with these extensions carries.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let carried = extensions.get().cloned();
        carried.unwrap_or_else(|| Self::new(Arc::default(), &Request::default()))
    }

    /// A span of a step of the request, until it is dropped.
    pub(crate) fn span(&self, name: &'static str) -> Span {
        self.0.span.child(name)
    }

    /// The span of MLflow's part, which becomes the parent of MLflow's own.
    pub(crate) fn upstream_span(&self, headers: &mut HeaderMap) -> Span {
        let span = self.0.span.child(UPSTREAM);
        self.0.sinks.tracer.pass_on(&span, headers);
        span
    }

    /// What the request asks for.
    fn set_operation(&self, operation: &Operation) {
        let mut observed = self.observed();
        observed.labels = OperationLabels::of(operation);
        observed.endpoint = match operation {
            Operation::Endpoint(endpoint) => &endpoint.path,
            Operation::GraphQl(_) => "graphql",
            Operation::Unknown => "unknown",
        };
        self.0.span.rename(&self.0.method, observed.endpoint);
    }

    /// Records what it asks for, if that is known, and whether that is permitted.
    pub(crate) fn authorized<T>(&self, operation: Option<&Operation>, permit: &Result<T, Problem>) {
        if let Some(operation) = operation {
            self.set_operation(operation);
        }
        self.verdict(match permit {
            Ok(_) => Verdict::Allow,
            Err(_) => Verdict::Deny,
        });
    }

    /// Records that it is shed.
    pub(crate) fn shed(&self, why: ShedReason) -> Problem {
        self.verdict(Verdict::Shed);
        self.0.sinks.metrics.shed(why);
        match why {
            ShedReason::QueueFull | ShedReason::QueueTimeout | ShedReason::Anonymous => {
                Problem::OVERLOADED
            }
            ShedReason::RateLimited => Problem::TOO_OFTEN,
        }
    }

    /// Sets the verdict.
    fn verdict(&self, verdict: Verdict) {
        self.observed().verdict = verdict;
        self.0.span.set("mlflow_shell.verdict", verdict.as_str());
    }

    /// Runs a check of a token, and records how long it took and how it ended.
    ///
    /// A check takes some fifty microseconds, and waits only for an issuer's keys,
    /// which is bounded where they are loaded.
    pub(crate) async fn authenticate(
        &self,
        check: impl Future<Output = Result<Arc<Claims>, Rejection>>,
    ) -> Result<Arc<Claims>, Rejection> {
        let _span = self.span("authenticate");
        let checked = check.await;
        let reason = checked.as_ref().err().map(Rejection::reason);
        self.token_checked(reason);
        checked
    }

    /// Records that a token has been checked, or why there is none.
    fn token_checked(&self, refused: Option<Reason>) {
        let metrics = &self.0.sinks.metrics;
        if let Some(reason) = refused {
            metrics.token_refusal(reason);
        }
        let outcome = match refused {
            None => "ok",
            Some(Reason::Unverifiable) => "unverifiable",
            // There was nothing to show a token for.
            Some(Reason::Off) => return,
            Some(_) => {
                self.verdict(Verdict::Unauthenticated);
                "refused"
            }
        };
        metrics.token_check(outcome);
    }

    /// Records how long it waited for its slot.
    pub(crate) fn waited(&self, took: Duration) {
        self.observed().waited = took;
        self.0.sinks.metrics.waited(took);
    }

    /// Records how long it took until `server` began its response.
    pub(crate) fn upstream(&self, server: Option<&str>, took: Duration) {
        self.observed().upstream = Some(took);
        self.0.sinks.metrics.upstream(server, took);
    }

    fn end(&self, status: &'static str) {
        let took = self.0.began.elapsed();
        let (labels, verdict, own) = {
            let mut observed = self.observed();
            if observed.recorded {
                return;
            }
            observed.recorded = true;
            let upstream = observed.upstream;
            let own = upstream.map(|upstream| took.saturating_sub(upstream + observed.waited));
            (observed.labels, observed.verdict, own)
        };
        let metrics = &self.0.sinks.metrics;
        metrics.request(labels, OutcomeLabels { verdict, status }, took);
        if let Some(own) = own {
            metrics.own(own);
        }
        if self.0.sinks.log {
            self.log(status, took);
        }
    }

    /// The line of the log.
    fn log(&self, status: &'static str, took: Duration) {
        let observed = self.observed();
        tracing::info!(
            request_id = self.0.id.as_ref().and_then(|id| id.to_str().ok()),
            trace_id = self.0.span.trace_id(),
            method = %self.0.method,
            endpoint = observed.endpoint,
            verdict = observed.verdict.as_str(),
            status,
            milliseconds = took.as_secs_f64() * 1e3,
            "request"
        );
    }

    fn observed(&self) -> MutexGuard<'_, Observed> {
        self.0
            .observed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
