//! One cached file, as it is and compressed.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use shell_core::hosting::is_hashed;

use crate::content_coding::{Coding, accepted};

/// How long a file is served without asking MLflow for it again, unless its
/// name has a hash: then for ever. An upgraded MLflow is seen after this.
const MAX_AGE: Duration = Duration::from_mins(5);

/// Brotli's level. The largest file of 3.18.0 (4.5 MB) becomes 1.11 MB in 0.16 s
/// at 5, and 0.97 MB in 12 s at 11: a user would wait for the one, and the
/// server for the other.
const QUALITY: i32 = 5;

/// Brotli's windows, as powers of two: the largest that browsers accept, and the
/// smallest that is worth it. One that is larger than the file is memory for
/// nothing.
const WINDOWS: (i32, i32) = (16, 24);

/// What a header takes beside its name and value, and a file beside its bytes:
/// about.
const ENTRY_OVERHEAD: usize = 128;

/// A file, as it is and compressed. What is sent depends only on the request's
/// `Accept-Encoding` and `If-None-Match`.
#[derive(Debug)]
pub(crate) struct CachedFile {
    headers: HeaderMap,
    plain: Bytes,
    compressed: Option<Bytes>,
    loaded: Instant,
}

impl CachedFile {
    /// Compresses it, which takes a processor for a while.
    pub(crate) fn new(mut headers: HeaderMap, plain: Bytes) -> Self {
        let compressed = is_compressible(&headers)
            .then(|| compress(&plain))
            .flatten();
        let tag = format!("\"{:x}\"", Sha256::digest(&plain));
        if let Ok(tag) = HeaderValue::try_from(tag) {
            headers.insert(header::ETAG, tag);
        }
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        Self {
            headers,
            plain,
            compressed,
            loaded: Instant::now(),
        }
    }

    /// Whether MLflow need not be asked for it again; `path` is where it is.
    pub(crate) fn is_fresh(&self, path: &str) -> bool {
        is_hashed(path) || self.loaded.elapsed() < MAX_AGE
    }

    /// All that is kept of it, in bytes.
    pub(crate) fn size(&self) -> usize {
        let fields = self.headers.iter();
        let headers =
            fields.map(|(name, value)| name.as_str().len() + value.len() + ENTRY_OVERHEAD);
        let compressed = self.compressed.as_ref().map_or(0, Bytes::len);
        self.plain.len() + compressed + headers.sum::<usize>() + ENTRY_OVERHEAD
    }

    /// Answers `request` with it.
    pub(crate) fn respond(&self, request: &Parts) -> Response {
        let mut headers = self.headers.clone();
        let known = request.headers.get(header::IF_NONE_MATCH);
        if known.is_some() && known == headers.get(header::ETAG) {
            headers.remove(header::CONTENT_TYPE);
            return (axum::http::StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let body = match &self.compressed {
            Some(compressed) if accepted(&request.headers).contains(&Coding::Brotli) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
                compressed.clone()
            }
            _ => self.plain.clone(),
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let body = if request.method == Method::HEAD {
            Body::empty()
        } else {
            Body::from(body)
        };
        (headers, body).into_response()
    }
}

fn is_compressible(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| {
        kind.starts_with("text/")
            || [
                "javascript",
                "json",
                "svg",
                "wasm",
                "font/ttf",
                "vnd.ms-fontobject",
            ]
            .iter()
            .any(|part| kind.contains(part))
    })
}

/// Compresses `plain`; `None` if that does not make it smaller.
fn compress(plain: &[u8]) -> Option<Bytes> {
    let parameters = BrotliEncoderParams {
        quality: QUALITY,
        lgwin: window(plain.len()),
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &plain[..], &mut compressed, &parameters).ok()?;
    // What it grew by is not kept.
    compressed.shrink_to_fit();
    (compressed.len() < plain.len()).then(|| compressed.into())
}

/// The window for a file of so many bytes.
fn window(length: usize) -> i32 {
    let (smallest, largest) = WINDOWS;
    let bits = usize::BITS - length.leading_zeros();
    i32::try_from(bits).map_or(largest, |bits| bits.clamp(smallest, largest))
}
