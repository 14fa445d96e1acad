//! Which traces a body of OTLP has spans of (OTLP 1.9, `ExportTraceServiceRequest`).

use axum::http::{HeaderMap, header};
use prost::Message;
use serde_json::{Map, Value, json};

/// The messages of OTLP, as far as a trace's id: what else is in them takes no room.
#[derive(Clone, PartialEq, Message)]
struct Export {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceSpans {
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeSpans {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
}

/// The length of a trace's id, in bytes.
const TRACE_ID_BYTES: usize = 16;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// In protobuf.
    Protobuf,
    /// In JSON.
    Json,
    /// In a way that is not read here, such as compressed.
    Other,
}

impl Format {
    /// How the body of a request with these headers is written, as MLflow takes it
    /// (MLflow 3.18.0).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let media_type = text(header::CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        match (headers.get(header::CONTENT_ENCODING), media_type) {
            (Some(_), _) => Self::Other,
            (None, "application/x-protobuf") => Self::Protobuf,
            (None, "application/json") => Self::Json,
            (None, _) => Self::Other,
        }
    }

    /// The traces as a policy reads them, as MLflow names them: `{"trace_ids":
    /// ["tr-…"]}`; `None` if the body cannot be read.
    pub(crate) fn traces(self, body: &[u8]) -> Option<Value> {
        let mut ids = match self {
            Self::Protobuf => of_protobuf(body)?,
            Self::Json => of_json(&shell_core::json::parse(std::str::from_utf8(body).ok()?).ok()?)?,
            Self::Other => return None,
        };
        ids.sort_unstable();
        ids.dedup();
        let names: Vec<String> = ids.iter().map(|id| format!("tr-{id}")).collect();
        Some(json!({ "trace_ids": names }))
    }
}

fn of_protobuf(body: &[u8]) -> Option<Vec<String>> {
    let request = Export::decode(body).ok()?;
    let scopes = request.resource_spans.iter().flat_map(|it| &it.scope_spans);
    let spans = scopes.flat_map(|scope| &scope.spans);
    spans.map(|span| hexadecimal(&span.trace_id)).collect()
}

fn hexadecimal(id: &[u8]) -> Option<String> {
    let digits = id.iter().map(|byte| format!("{byte:02x}"));
    (id.len() == TRACE_ID_BYTES).then(|| digits.collect())
}

/// In JSON a trace's id is hexadecimal (OTLP 1.9, "JSON Protobuf Encoding").
fn of_json(body: &Value) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    for resource in list(body, "resourceSpans")? {
        for scope in list(resource, "scopeSpans")? {
            for span in list(scope, "spans")? {
                let id = camel_case(span)?.get("traceId")?.as_str()?;
                let id = id.to_ascii_lowercase();
                let is_id = id.len() == 2 * TRACE_ID_BYTES
                    && id.bytes().all(|byte| byte.is_ascii_hexdigit());
                ids.push(is_id.then_some(id)?);
            }
        }
    }
    Some(ids)
}

/// The fields of an object. Protobuf's own spelling of a name, with an underscore, is
/// not taken: of both spellings one would count.
fn camel_case(value: &Value) -> Option<&Map<String, Value>> {
    let fields = value.as_object()?;
    let is_other = |key: &String| key.contains('_');
    (!fields.keys().any(is_other)).then_some(fields)
}

/// The list `name` of an object.
fn list<'a>(value: &'a Value, name: &str) -> Option<&'a [Value]> {
    match camel_case(value)?.get(name) {
        None => Some(&[]),
        Some(list) => list.as_array().map(Vec::as_slice),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        trace::v1::{ResourceSpans, ScopeSpans, Span},
    };

    use super::{Format, Message};
    use axum::http::HeaderMap;
    use serde_json::{Value, json};

    #[test]
    fn the_traces_of_a_body_are_found_in_both_forms() {
        let span = |trace_id: &[u8]| Span {
            trace_id: trace_id.to_vec(),
            ..Span::default()
        };
        let message = |spans| ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                scope_spans: vec![ScopeSpans {
                    spans,
                    ..ScopeSpans::default()
                }],
                ..ResourceSpans::default()
            }],
        };
        let two = message(vec![span(&[1; 16]), span(&[0xab; 16]), span(&[1; 16])]);
        let found = Format::Protobuf.traces(&two.encode_to_vec());
        let [one, other] = ["01", "ab"].map(|byte| format!("tr-{}", byte.repeat(16)));
        assert_eq!(found, Some(json!({"trace_ids": [one, other]})));
        let short = message(vec![span(&[1; 8])]);
        assert_eq!(Format::Protobuf.traces(&short.encode_to_vec()), None);
        assert_eq!(Format::Protobuf.traces(b"{}"), None);

        let spans = |id: &str| json!([{"scopeSpans": [{"spans": [{"traceId": id}]}]}]);
        let of = |id: &str| json!({"resourceSpans": spans(id)});
        let found = |body: &Value| Format::Json.traces(body.to_string().as_bytes());
        let upper = of(&"AB".repeat(16));
        assert_eq!(found(&upper), Some(json!({"trace_ids": [other]})));
        for unread in [
            of("x"),
            of(&"zz".repeat(16)),
            json!({"resource_spans": []}),
            json!({"resourceSpans": [{"scopeSpans": [{"spans": [
                {"traceId": "ab".repeat(16), "trace_id": "AQEBAQEBAQEBAQEBAQEBAQ=="}]}]}]}),
            json!({"resourceSpans": [{"scope_spans": []}]}),
            json!([]),
        ] {
            assert_eq!(found(&unread), None, "{unread}");
        }
        assert_eq!(Format::Other.traces(b""), None);
    }

    #[test]
    fn a_compressed_body_is_not_read() {
        let format = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            Format::of(&headers)
        };
        let protobuf = ("content-type", "application/x-protobuf");
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(format(&[protobuf]), Format::Protobuf);
        assert_eq!(format(&[json]), Format::Json);
        let gzip = ("content-encoding", "gzip");
        assert_eq!(format(&[protobuf, gzip]), Format::Other);
        assert_eq!(format(&[]), Format::Other);
    }
}
