//! OpenTelemetry's own SDK, and our HTTP client for what it sends.

use std::{fmt, num::NonZeroU32, pin::Pin, sync::Mutex, time::Duration};

use axum::{
    body::Body,
    http::{Method, Request, Response, Uri},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use opentelemetry::{
    Context, KeyValue,
    trace::{
        Span as _, SpanContext, SpanKind, Status, TraceContextExt, Tracer as _, TracerProvider,
    },
};
use opentelemetry_http::{HttpClient as ExportClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracer, SdkTracerProvider, Span as SdkSpan},
};
use tokio::runtime::Handle;

use super::TracerError;
use crate::{
    http_client::{HttpClient, network::Network},
    settings::Settings,
};

/// How long a collector may take for what it is sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer of a collector's that is read, in bytes.
const ANSWER: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub(super) struct Tracer {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

pub(super) struct Span {
    tracer: SdkTracer,
    context: SpanContext,
    recorded: Mutex<SdkSpan>,
}

pub(super) fn check(url: &str) -> Result<(), TracerError> {
    endpoint(url).map(drop)
}

impl Tracer {
    pub(super) fn new(
        url: &str,
        one_in: NonZeroU32,
        network: &Network,
    ) -> Result<Self, TracerError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(network))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint(url)?)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| TracerError::Exporter(error.to_string()))?;
        let sampled = Sampler::TraceIdRatioBased(1.0 / f64::from(one_in.get()));
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(sampled)))
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        let tracer = provider.tracer("mlflow-shell");
        Ok(Self { provider, tracer })
    }

    pub(super) fn end(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }

    /// Nothing for a request that is not recorded.
    pub(super) fn request(&self, method: &Method) -> Option<Span> {
        let span = Span::begin(&self.tracer, method.to_string(), SpanKind::Server, None);
        span.context.is_sampled().then(|| {
            span.set("http.request.method", method.as_str());
            span
        })
    }
}

/// The service, and nothing about the machine or the user who runs it.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Resource::builder()
        .with_service_name("mlflow-shell")
        .with_attribute(version)
        .build()
}

fn endpoint(url: &str) -> Result<String, TracerError> {
    let invalid = || TracerError::Url(url.to_owned());
    let parsed: Uri = url.parse().map_err(|_| invalid())?;
    if !matches!(parsed.scheme_str(), Some("http" | "https")) || parsed.query().is_some() {
        return Err(invalid());
    }
    let base = url.trim_end_matches('/');
    let base = base.strip_suffix("/v1/traces").unwrap_or(base);
    Ok(format!("{base}/v1/traces"))
}

impl Span {
    fn begin(
        tracer: &SdkTracer,
        name: String,
        kind: SpanKind,
        parent: Option<&SpanContext>,
    ) -> Self {
        let context = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(parent.clone())
        });
        let builder = tracer.span_builder(name).with_kind(kind);
        let span = tracer.build_with_context(builder, &context);
        Self {
            tracer: tracer.clone(),
            context: span.span_context().clone(),
            recorded: Mutex::new(span),
        }
    }

    pub(super) fn child(&self, name: &'static str) -> Self {
        let kind = match name {
            super::UPSTREAM => SpanKind::Client,
            _ => SpanKind::Internal,
        };
        Self::begin(&self.tracer, name.to_owned(), kind, Some(&self.context))
    }

    pub(super) fn rename(&self, name: String) {
        self.with(|span| span.update_name(name));
    }

    pub(super) fn set(&self, key: &'static str, value: &str) {
        self.with(|span| span.set_attribute(KeyValue::new(key, value.to_owned())));
    }

    pub(super) fn status(&self, status: u16) {
        self.with(|span| {
            let code = i64::from(status);
            span.set_attribute(KeyValue::new("http.response.status_code", code));
            if status >= 500 {
                span.set_status(Status::error(""));
            }
        });
    }

    pub(super) fn trace_id(&self) -> String {
        self.context.trace_id().to_string()
    }

    /// W3C Trace Context §3.2, version 0, recorded.
    pub(super) fn parent(&self) -> String {
        let (trace, span) = (self.context.trace_id(), self.context.span_id());
        format!("00-{trace}-{span}-01")
    }

    fn with(&self, change: impl FnOnce(&mut SdkSpan)) {
        if let Ok(mut span) = self.recorded.lock() {
            change(&mut span);
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Span({})", self.parent())
    }
}

/// Sends from the SDK's own thread by our client, which needs our runtime.
#[derive(Debug)]
struct Sender {
    client: HttpClient,
    runtime: Handle,
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl Sender {
    fn new(network: &Network) -> Self {
        Self {
            client: HttpClient::new(&Settings::default(), &network.direct()),
            runtime: Handle::current(),
        }
    }
}

impl ExportClient for Sender {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Sending<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let client = self.client.clone();
        let sent = self.runtime.spawn(send(client, request));
        Box::pin(async { sent.await? })
    }
}

async fn send(client: HttpClient, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let response = client.request(request.map(Body::from)).await?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_by_its_base() {
        let table = [
            (
                "http://127.0.0.1:4318",
                Some("http://127.0.0.1:4318/v1/traces"),
            ),
            (
                "https://c.example/otel/",
                Some("https://c.example/otel/v1/traces"),
            ),
            ("http://c/v1/traces", Some("http://c/v1/traces")),
            ("c.example:4318", None),
            ("grpc://c:4317", None),
            ("", None),
        ];
        for (url, expected) in table {
            assert_eq!(endpoint(url).ok().as_deref(), expected, "{url}");
        }
    }
}
