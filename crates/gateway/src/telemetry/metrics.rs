//! The metrics, for Prometheus.
//!
//! No label has a value that clients choose: areas and rights are `core`'s, and
//! servers and issuers the configuration's.

mod labels;
mod listen;
mod process;
mod register;

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::Ordering},
    time::Duration,
};

use futures_util::future::BoxFuture;
use prometheus_client::{
    encoding::text,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use shell_core::credentials::Reason;

use self::labels::{IssuerLabel, ReasonLabel, RequestLabels, ResultLabel, ServerLabel};
pub(crate) use self::labels::{OperationLabels, OutcomeLabels, Verdict, status_class};
pub use self::listen::serve_metrics;
use super::shed_reason::ShedReason;

/// The media type of [`Metrics::text`] (`OpenMetrics` 1.0, which Prometheus reads).
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Timers<L> = Family<L, Histogram, fn() -> Histogram>;

/// All of them. Each clone counts the same.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<RequestLabels, Counter>,
    request_time: Timers<OperationLabels>,
    own_time: Histogram,
    upstream_time: Timers<ServerLabel>,
    waiting_time: Histogram,
    shed: Family<ReasonLabel, Counter>,
    token_checks: Family<ResultLabel, Counter>,
    token_refusals: Family<ReasonLabel, Counter>,
    key_loads: Family<ResultLabel, Counter>,
    signing_errors: Counter,
    audit_errors: Counter,
    gauges: Gauges,
    registry: Arc<Mutex<Registry>>,
    gauge_updates: Arc<Mutex<Vec<GaugeUpdate>>>,
    readiness: Arc<OnceLock<ReadinessCheck>>,
}

/// What is looked up when the metrics are scraped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gauges {
    under_way: Gauge,
    waiting: Gauge,
    connections: Gauge,
    ready: Gauge,
    keys_loaded: Family<IssuerLabel, Gauge>,
    log_errors: Counter,
}

type GaugeUpdate = Box<dyn Fn(&Gauges) + Send + Sync>;

type ReadinessCheck = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

impl Gauges {
    /// How many requests have a slot, and how many wait for one.
    pub(crate) fn concurrency(&self, under_way: usize, waiting: usize) {
        set(&self.under_way, under_way);
        set(&self.waiting, waiting);
    }

    /// How many lines the log has dropped.
    fn lost(&self, lines: usize) {
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        self.log_errors.inner().store(lines, Ordering::Relaxed);
    }
}

fn set(gauge: &Gauge, count: usize) {
    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
}

/// A client's connection, for as long as it lasts.
#[derive(Debug)]
#[must_use]
pub struct Connection(Gauge);

impl Metrics {
    /// Lets `update` bring the gauges up to date before they are read.
    pub(crate) fn on_scrape(&self, update: impl Fn(&Gauges) + Send + Sync + 'static) {
        let mut gauge_updates = self
            .gauge_updates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        gauge_updates.push(Box::new(update));
    }

    /// Lets `check` find out whether the gateway is ready when it is scraped, so that
    /// the gauge is right where nothing asks `/readyz`. The first call counts.
    pub(crate) fn check_readiness(
        &self,
        check: impl Fn() -> BoxFuture<'static, bool> + Send + Sync + 'static,
    ) {
        let _ = self.readiness.set(Box::new(check));
    }

    /// As [`Self::text`], after checking whether the gateway is ready. That takes as
    /// long as the MLflow servers take to answer, two seconds at most.
    pub async fn scrape(&self) -> String {
        if let Some(check) = self.readiness.get() {
            self.ready(check().await);
        }
        self.text()
    }

    /// All of it, as text (`OpenMetrics` 1.0), with the readiness found last.
    pub fn text(&self) -> String {
        for update in self
            .gauge_updates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            update(&self.gauges);
        }
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::with_capacity(32 * 1024);
        // Writing to a text does not fail.
        let _ = text::encode(&mut out, &registry);
        out
    }

    /// Counters exist with the value 0 from the start: a rate needs two values.
    fn initialize(&self) {
        for why in ShedReason::ALL {
            drop(self.shed.get_or_create(&why.into()));
        }
        for outcome in ["ok", "refused", "unverifiable"] {
            drop(self.token_checks.get_or_create(&ResultLabel { outcome }));
        }
        for reason in Reason::ALL {
            drop(self.token_refusals.get_or_create(&reason.into()));
        }
        for outcome in ["ok", "failed"] {
            drop(self.key_loads.get_or_create(&ResultLabel { outcome }));
        }
    }

    /// A connection of a client's, to be kept as long as it lasts.
    pub fn connection(&self) -> Connection {
        self.gauges.connections.inc();
        Connection(self.gauges.connections.clone())
    }

    /// A request has been answered, or its client is gone.
    pub(crate) fn request(&self, asked: OperationLabels, told: OutcomeLabels, took: Duration) {
        let request = RequestLabels::new(asked, told);
        self.requests.get_or_create(&request).inc();
        let timer = self.request_time.get_or_create(&asked);
        timer.observe(took.as_secs_f64());
    }

    /// How long a request for MLflow took in the gateway alone.
    pub(crate) fn own(&self, took: Duration) {
        self.own_time.observe(took.as_secs_f64());
    }

    /// How long a server took to begin its response.
    pub(crate) fn upstream(&self, server: Option<&str>, took: Duration) {
        let timer = self.upstream_time.get_or_create(&ServerLabel::new(server));
        timer.observe(took.as_secs_f64());
    }

    /// How long a request waited for its slot.
    pub(crate) fn waited(&self, took: Duration) {
        self.waiting_time.observe(took.as_secs_f64());
    }

    /// A request was shed.
    pub(crate) fn shed(&self, why: ShedReason) {
        self.shed.get_or_create(&why.into()).inc();
    }

    /// A token has been checked.
    pub(crate) fn token_check(&self, outcome: &'static str) {
        self.token_checks
            .get_or_create(&ResultLabel { outcome })
            .inc();
    }

    /// A request had no token, or none that is taken.
    pub(crate) fn token_refusal(&self, reason: Reason) {
        self.token_refusals.get_or_create(&reason.into()).inc();
    }

    /// An issuer's keys have been loaded at this time of the system's clock, or
    /// could not be.
    pub(crate) fn key_load(&self, issuer: &str, loaded_at: Option<u64>) {
        let outcome = if loaded_at.is_some() { "ok" } else { "failed" };
        self.key_loads.get_or_create(&ResultLabel { outcome }).inc();
        if let Some(at) = loaded_at {
            let gauge = self
                .gauges
                .keys_loaded
                .get_or_create(&IssuerLabel::new(issuer));
            gauge.set(at.cast_signed());
        }
    }

    /// Whether the gateway is ready, as last found.
    pub(crate) fn ready(&self, ready: bool) {
        self.gauges.ready.set(ready.into());
    }

    /// A request for AWS could not be signed.
    pub fn signing_error(&self) {
        self.signing_errors.inc();
    }

    /// Counts the lines that could not be written to the audit log.
    pub fn audit_errors(&self) -> Counter {
        self.audit_errors.clone()
    }

    /// Reports how many lines the log has dropped.
    pub fn log_errors(&self, lost: impl Fn() -> usize + Send + Sync + 'static) {
        self.on_scrape(move |gauges| gauges.lost(lost()));
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            requests: Family::default(),
            request_time: Family::new_with_constructor(timer),
            own_time: Histogram::new(exponential_buckets(25e-6, 2.0, 14)),
            upstream_time: Family::new_with_constructor(timer),
            waiting_time: timer(),
            shed: Family::default(),
            token_checks: Family::default(),
            token_refusals: Family::default(),
            key_loads: Family::default(),
            signing_errors: Counter::default(),
            audit_errors: Counter::default(),
            gauges: Gauges::default(),
            registry: Arc::new(Mutex::new(Registry::with_prefix("mlflow_shell"))),
            gauge_updates: Arc::default(),
            readiness: Arc::default(),
        };
        metrics.initialize();
        metrics.register();
        metrics
    }
}

/// From a millisecond to half a minute.
fn timer() -> Histogram {
    Histogram::new(exponential_buckets(1e-3, 2.0, 16))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

#[cfg(test)]
mod tests;
