//! Traces for an OpenTelemetry collector, if this build has them
//! (feature `otlp`) and there is a collector.
//!
//! A trace begins here: `traceparent` of a client is ignored, or every client
//! could have everything recorded, under ids of its choice. MLflow gets ours (W3C
//! Trace Context).

#[cfg(not(feature = "otlp"))]
mod absent;
#[cfg(feature = "otlp")]
mod otlp;

use crate::{http_client::network::Network, settings::TracingSettings};
use axum::http::{HeaderMap, HeaderValue, Method};

#[cfg(not(feature = "otlp"))]
use self::absent as with;
#[cfg(feature = "otlp")]
use self::otlp as with;

/// The name of the span that is MLflow's.
pub(crate) const UPSTREAM: &str = "upstream";

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
pub enum TracerError {
    /// This build has none.
    #[error(
        "`tracing.otlp` is set, but this program was built without traces: build it with \
         `--features otlp`, or remove the setting"
    )]
    Absent,
    /// The address is none.
    #[error("`tracing.otlp`: `{0}` is not an http:// or https:// URL")]
    Url(String),
    /// The exporter cannot be made: why.
    #[error("`tracing.otlp`: {0}")]
    Exporter(String),
}

/// Begins traces, or does not.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<with::Tracer>);

/// A part of a trace, which ends when this is dropped; or nothing.
#[derive(Debug, Default)]
pub(crate) struct Span(Option<with::Span>);

impl Tracer {
    /// Checks that there can be traces with these settings; nothing is sent.
    ///
    /// # Errors
    /// If this build has no traces, or the address is not a URL.
    pub fn check(settings: &TracingSettings) -> Result<(), TracerError> {
        settings.otlp.as_deref().map_or(Ok(()), with::check)
    }

    /// Sends traces by the settings `tracing`, in this network. Needs a runtime of tokio's.
    ///
    /// # Errors
    /// If it cannot.
    pub fn new(tracing: &TracingSettings, network: &Network) -> Result<Self, TracerError> {
        let Some(url) = &tracing.otlp else {
            return Ok(Self::default());
        };
        with::Tracer::new(url, tracing.one_in, network).map(|tracer| Self(Some(tracer)))
    }

    /// Sends what has not been sent, which may take some seconds.
    pub fn end(&self) {
        if let Some(tracer) = &self.0 {
            tracer.end();
        }
    }

    pub(crate) fn request(&self, method: &Method) -> Span {
        Span(self.0.as_ref().and_then(|tracer| tracer.request(method)))
    }

    /// Sets the headers that make `span` the parent of MLflow's, and removes a
    /// client's.
    pub(crate) fn pass_on(&self, span: &Span, headers: &mut HeaderMap) {
        if self.0.is_none() {
            return;
        }
        for name in ["traceparent", "tracestate", "baggage"] {
            headers.remove(name);
        }
        let parent = span.0.as_ref().map(with::Span::parent);
        if let Some(Ok(parent)) = parent.map(HeaderValue::try_from) {
            headers.insert("traceparent", parent);
        }
    }
}

impl Span {
    pub(crate) fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn child(&self, name: &'static str) -> Self {
        Self(self.0.as_ref().map(|span| span.child(name)))
    }

    pub(crate) fn rename(&self, method: &Method, endpoint: &'static str) {
        if let Some(span) = &self.0 {
            span.rename(format!("{method} {endpoint}"));
        }
    }

    pub(crate) fn set(&self, key: &'static str, value: &str) {
        if let Some(span) = &self.0 {
            span.set(key, value);
        }
    }

    pub(crate) fn status(&self, status: u16) {
        if let Some(span) = &self.0 {
            span.status(status);
        }
    }

    pub(crate) fn trace_id(&self) -> Option<String> {
        self.0.as_ref().map(with::Span::trace_id)
    }
}
