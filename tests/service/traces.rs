//! What a collector of traces is told, which is decoded by OpenTelemetry's own
//! definition of what is sent.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use serde_json::json;
use shell_gateway::{Network, Tracer, settings::TracingSettings};
use shell_tests::{client::Answer, server::Server};

use crate::fixture::{Fixture, SCRIPT};

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// What a client says of a trace of its own.
const CLIENTS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

type Received = Arc<Mutex<Vec<Span>>>;

/// A collector, and a gateway that tells it.
struct Traced {
    fixture: Fixture,
    tracer: Tracer,
    received: Received,
    collector: Server,
}

impl Traced {
    async fn new(one_in: u32) -> Self {
        let received = Received::default();
        let router = Router::new()
            .route("/v1/traces", post(receive))
            .with_state(received.clone());
        let collector = Server::start(router).await.expect("a collector");
        let settings = TracingSettings {
            otlp: Some(collector.origin()),
            one_in: one_in.try_into().expect("not 0"),
        };
        let tracer = Tracer::new(&settings, &Network::default());
        let tracer = tracer.expect("a tracer");
        let fixture = Fixture::with(|spec| spec.traced(tracer.clone())).await;
        Self {
            fixture,
            tracer,
            received,
            collector,
        }
    }

    /// Asks for something under a trace of the client's own.
    async fn ask(&self, path: &str, token: &str) -> Answer {
        let mut headers = SCRIPT.to_vec();
        headers.extend([
            ("traceparent", CLIENTS),
            ("tracestate", "vendor=client"),
            ("baggage", "user=client"),
            ("x-request-id", "made-up"),
        ]);
        self.fixture.get_with(path, token, &headers).await
    }

    /// All that was sent; the gateway sends no more.
    async fn spans(&self) -> Vec<Span> {
        let tracer = self.tracer.clone();
        let ended = tokio::task::spawn_blocking(move || tracer.end()).await;
        ended.expect("no panic");
        self.received
            .lock()
            .expect("no other thread panicked")
            .clone()
    }
}

async fn receive(State(received): State<Received>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let resources = request.resource_spans.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    let spans = scopes.flat_map(|scope| scope.spans);
    received
        .lock()
        .expect("no other thread panicked")
        .extend(spans);
    StatusCode::OK
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_trace_that_mlflow_is_told_of() {
    let traced = Traced::new(1).await;
    let answer = traced.ask(SEARCH, &traced.fixture.token()).await;
    assert_eq!(answer.status, 200);

    let spans = traced.spans().await;
    let named: HashMap<&str, &Span> = spans.iter().map(|it| (it.name.as_str(), it)).collect();
    let root = named["GET 2.0/mlflow/experiments/search"];
    assert_eq!(root.kind(), SpanKind::Server);
    assert!(root.parent_span_id.is_empty());
    for part in ["authenticate", "decide", "upstream"] {
        assert_eq!(named[part].parent_span_id, root.span_id, "{part}");
        assert_eq!(named[part].trace_id, root.trace_id, "{part}");
    }
    assert_eq!(named.len(), 4, "{named:?}");

    let reached = traced.fixture.reached();
    let told = answer.json();
    let [trace, span] = [&root.trace_id, &named["upstream"].span_id].map(|id| hex(id));
    let expected = format!("00-{trace}-{span}-01");
    assert_eq!(
        told["headers"]["traceparent"],
        json!(expected),
        "{reached:?}"
    );
    assert_ne!(trace, &CLIENTS[3..35]);
    for header in ["tracestate", "baggage"] {
        assert!(told["headers"][header].is_null(), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_of_ours_is_in_the_answer_the_audit_log_the_trace_and_mlflows_log() {
    let traced = Traced::new(1).await;
    let answer = traced.ask(SEARCH, &traced.fixture.token()).await;
    let id = answer.header("x-request-id").to_owned();
    assert_eq!(id.len(), 16);
    assert_ne!(id, "made-up");

    assert_eq!(answer.json()["headers"]["x-request-id"], json!(id));
    let audit = traced.fixture.deployment.audit.read().expect("JSON");
    assert_eq!(audit[0]["request_id"], json!(id));
    let spans = format!("{:?}", traced.spans().await);
    assert!(spans.contains(&id), "{spans}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_has_no_token_user_path_or_query() {
    let traced = Traced::new(1).await;
    let fixture = &traced.fixture;
    let token = fixture.token();
    for path in [
        SEARCH,
        "/mlflow/made-up",
        "/mlflow/ajax-api/2.0/mlflow/runs/create",
    ] {
        traced
            .ask(&format!("{path}?filter=confidential"), &token)
            .await;
    }
    traced.ask(SEARCH, "garbage").await;
    let told = format!("{:?}", traced.spans().await);
    let claims = fixture.claims();
    let user = ["sub", "email", "cognito:username"].map(|claim| claims[claim].as_str());
    for word in [
        token.as_str(),
        "garbage",
        "confidential",
        "made-up",
        "Bearer",
    ] {
        assert!(!told.contains(word), "{word}\n{told}");
    }
    for word in user.into_iter().flatten() {
        assert!(!told.contains(word), "{word}\n{told}");
    }
    assert!(
        told.contains("unauthenticated") && told.contains("deny"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_cannot_have_itself_recorded() {
    let traced = Traced::new(u32::MAX).await;
    for _ in 0..20 {
        let answer = traced.ask(SEARCH, &traced.fixture.token()).await;
        assert_eq!(answer.status, 200);
        assert!(answer.json()["headers"]["traceparent"].is_null());
    }
    let spans = traced.spans().await;
    assert!(spans.is_empty(), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_delays_nobody() {
    let traced = Traced::new(1).await;
    traced.collector.stop();
    for _ in 0..5 {
        let answer = traced.ask(SEARCH, &traced.fixture.token()).await;
        assert_eq!(answer.status, 200);
    }
}
