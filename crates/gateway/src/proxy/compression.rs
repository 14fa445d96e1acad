//! Compresses MLflow's answers, which MLflow does not: lists and documents are text
//! of which a tenth is left.
//!
//! An answer goes as it is if it
//!
//! 1. is a file that a client may go on to load where it broke off: an answer that
//!    takes ranges, is a part, or is to be saved. Its length stays known, too;
//! 2. is coded already, is of a kind that is not text, or says `no-transform`;
//! 3. is a stream of events, which clients read one by one;
//! 4. is shorter than [`LEAST_BYTES`].
//!
//! What MLflow sends piece by piece is sent so: the encoders flush whenever they
//! wait for more. An answer that breaks off is broken off. Each coding's window, and
//! with it an answer's memory, is bounded.

use std::io;

use async_compression::{
    Level, brotli::EncoderParams, tokio::bufread::BrotliEncoder, tokio::bufread::GzipEncoder,
    tokio::bufread::ZstdEncoder, zstd::CParameter,
};
use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures_util::TryStreamExt;
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::content_coding::{Coding, accepted};

/// The shortest answer that is compressed, in bytes: one packet more or less.
const LEAST_BYTES: u64 = 1024;

/// The levels, and the window of zstd and brotli as a power of two. A hundred runs are
/// 940 KB as MLflow sends them, and 77, 80 and 77 KB in these, with 270, 400 and 250 KB of
/// memory. Higher levels and wider windows are slower, take up to megabytes for each
/// answer, and save a few percent to a fifth.
const ZSTD: Level = Level::Precise(1);
const BROTLI: Level = Level::Precise(1);
const GZIP: Level = Level::Precise(4);
const WINDOW: u8 = 16;

/// How much of a compressed answer is sent at once, in bytes.
const PIECE_BYTES: usize = 16 * 1024;

/// What is said of the bytes before they were compressed (RFC 9530; RFC 3230).
const OF_THE_BYTES: [HeaderName; 6] = [
    header::ACCEPT_RANGES,
    header::CONTENT_LENGTH,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("repr-digest"),
];

/// What a client takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compression {
    coding: Coding,
    has_body: bool,
}

impl Compression {
    /// What the client of `request` likes best.
    pub(super) fn of(request: &Request) -> Self {
        let best = accepted(request.headers()).into_iter().next();
        Self {
            coding: best.unwrap_or(Coding::Plain),
            has_body: request.method() != Method::HEAD,
        }
    }

    /// Compresses an answer, if that is worth it.
    pub(super) fn apply(self, response: Response) -> Response {
        if !is_worth(&response) {
            return response;
        }
        let (mut head, mut body) = response.into_parts();
        vary(&mut head.headers);
        if let Some(name) = self.coding.name() {
            for name in OF_THE_BYTES {
                head.headers.remove(name);
            }
            let name = HeaderValue::from_static(name);
            head.headers.insert(header::CONTENT_ENCODING, name);
            weaken(&mut head.headers);
            if self.has_body {
                body = encoded(body, self.coding);
            }
        }
        Response::from_parts(head, body)
    }
}

fn is_worth(response: &Response) -> bool {
    let headers = response.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_file = [
        header::ACCEPT_RANGES,
        header::CONTENT_DISPOSITION,
        header::CONTENT_RANGE,
    ];
    let has_content = !matches!(
        response.status(),
        StatusCode::NO_CONTENT
            | StatusCode::RESET_CONTENT
            | StatusCode::PARTIAL_CONTENT
            | StatusCode::NOT_MODIFIED
    );
    let directives = text(header::CACHE_CONTROL).unwrap_or_default();
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    has_content
        && !is_file.iter().any(|name| headers.contains_key(name))
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !directives.to_ascii_lowercase().contains("no-transform")
        && text(header::CONTENT_TYPE).is_some_and(is_text)
        && length
            .or_else(|| response.body().size_hint().exact())
            .is_none_or(|length| length >= LEAST_BYTES)
}

/// Whether a media type is of text that may be sent in larger pieces than it comes.
fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let (family, name) = kind.split_once('/').unwrap_or_default();
    match family {
        "text" => name != "event-stream",
        "application" => {
            let name = name.rsplit('+').next().unwrap_or_default();
            ["json", "ndjson", "x-ndjson", "javascript", "xml", "yaml"].contains(&name)
        }
        "image" => name == "svg+xml",
        _ => false,
    }
}

fn vary(headers: &mut HeaderMap) {
    let mut lists = headers.get_all(header::VARY).iter();
    let is_named = lists.any(|list| {
        let list = list.to_str().unwrap_or_default().to_ascii_lowercase();
        list.split(',')
            .any(|name| ["*", "accept-encoding"].contains(&name.trim()))
    });
    if !is_named {
        let name = HeaderValue::from_static("accept-encoding");
        headers.append(header::VARY, name);
    }
}

/// A strong tag is of the bytes (RFC 9110 §8.8.1).
fn weaken(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).map(HeaderValue::as_bytes);
    let strong = tag.filter(|tag| !tag.starts_with(b"W/"));
    let weak = strong.and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag].concat()).ok());
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}

fn encoded(body: Body, coding: Coding) -> Body {
    let bytes = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    match coding {
        Coding::Plain => sent(bytes),
        Coding::Gzip => sent(GzipEncoder::with_quality(bytes, GZIP)),
        Coding::Brotli => {
            let parameters = EncoderParams::default()
                .quality(BROTLI)
                .window_size(WINDOW.into());
            sent(BrotliEncoder::with_params(bytes, parameters))
        }
        Coding::Zstd => {
            let window = CParameter::window_log(WINDOW.into());
            sent(ZstdEncoder::with_quality_and_params(bytes, ZSTD, &[window]))
        }
    }
}

fn sent(encoder: impl AsyncRead + Send + 'static) -> Body {
    Body::from_stream(ReaderStream::with_capacity(encoder, PIECE_BYTES))
}
