//! MLflow's released bundle: public files, compressed once and kept.
//!
//! MLflow sends them uncompressed (5.4 MB for the first page of 3.18.0).

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use sha2::{Digest, Sha256};
use shell_core::{
    content_security_policy::Sources,
    hosting::{self, is_hashed},
    refusal::Cause,
};

use crate::{Gateway, content_policy, headers, proxy, servers::Server};

/// Largest file that is kept, in bytes. The largest of 3.18.0 has 4.5 MB.
const FILE_LIMIT: usize = 16 * 1024 * 1024;

/// Most bytes that are kept of one server; all of 3.18.0 is 27 MB uncompressed.
const TOTAL_LIMIT: usize = 96 * 1024 * 1024;

/// How long a file is served without asking MLflow for it again, unless its
/// name has a hash: then for ever. An upgraded MLflow is seen after this.
const FRESH: Duration = Duration::from_mins(5);

/// Brotli's level. The largest file of 3.18.0 (4.5 MB) becomes 1.11 MB in 0.16 s
/// at 5, and 0.97 MB in 12 s at 11: a user would wait for the one, and the
/// server for the other.
const QUALITY: i32 = 5;

/// Brotli's window, as a power of two: the largest browsers accept.
const WINDOW: i32 = 24;

const ASK_FIRST: HeaderValue = HeaderValue::from_static(hosting::ASK_FIRST);

/// The files of one server seen so far.
#[derive(Debug, Default)]
pub(crate) struct Bundle(RwLock<HashMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    file: Arc<File>,
    asked: Instant,
}

#[derive(Debug)]
struct File {
    headers: HeaderMap,
    plain: Bytes,
    compressed: Option<Bytes>,
}

/// Answers a request for the file at `path` below the server's root.
pub(crate) async fn serve(
    gateway: &Gateway,
    server: &Server,
    path: &str,
    request: &Parts,
) -> Result<Response, Cause> {
    if let Some(file) = server.bundle.fresh(path) {
        return Ok(respond(&file, request));
    }
    Ok(match load(gateway, server, path).await? {
        Loaded::File(file) => respond(&server.bundle.keep(path, file), request),
        Loaded::Other(response) => response,
    })
}

enum Loaded {
    File(File),
    /// Not a file, or too large to keep: passed on.
    Other(Response),
}

/// Gets the file without any header of the client's, so that what is kept
/// depends on nothing but the path.
async fn load(gateway: &Gateway, server: &Server, path: &str) -> Result<Loaded, Cause> {
    let request = Request::get("/")
        .body(Body::empty())
        .map_err(|_| Cause::UPSTREAM_DOWN)?;
    let client = &gateway.client;
    let mut response = server.upstream.send(client, path, request).await?;
    let headers = response.headers_mut();
    headers::clean_response(headers);
    let version = proxy::version(client, server).await;
    let sources = Sources::of(&gateway.settings.config);
    content_policy::release(headers, &sources, version, path);
    if response.status() != StatusCode::OK {
        // Not even where a hashed name is missing: the next release may have it.
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, ASK_FIRST);
        return Ok(Loaded::Other(response));
    }
    if length(&response).is_none_or(|n| n > FILE_LIMIT) {
        return Ok(Loaded::Other(response));
    }
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, FILE_LIMIT).collect().await;
    let plain = body.map_err(|_| Cause::UPSTREAM_DOWN)?.to_bytes();
    let made = tokio::task::spawn_blocking(move || File::new(parts.headers, plain)).await;
    Ok(Loaded::File(made.map_err(|_| Cause::UPSTREAM_DOWN)?))
}

impl Bundle {
    fn fresh(&self, path: &str) -> Option<Arc<File>> {
        let files = self.0.read().ok()?;
        let kept = files.get(path)?;
        (is_hashed(path) || kept.asked.elapsed() < FRESH).then(|| kept.file.clone())
    }

    /// Keeps `file`, and returns it as it is kept.
    fn keep(&self, path: &str, file: File) -> Arc<File> {
        let file = Arc::new(file);
        if let Ok(mut files) = self.0.write() {
            files.remove(path);
            let kept: usize = files.values().map(|kept| kept.file.size()).sum();
            if kept + file.size() <= TOTAL_LIMIT {
                let asked = Instant::now();
                let kept = Kept {
                    file: file.clone(),
                    asked,
                };
                files.insert(path.to_owned(), kept);
            }
        }
        file
    }
}

impl File {
    fn new(mut headers: HeaderMap, plain: Bytes) -> Self {
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
        }
    }

    fn size(&self) -> usize {
        self.plain.len() + self.compressed.as_ref().map_or(0, Bytes::len)
    }
}

fn respond(file: &File, request: &Parts) -> Response {
    let mut headers = file.headers.clone();
    let known = request.headers.get(header::IF_NONE_MATCH);
    if known.is_some() && known == headers.get(header::ETAG) {
        headers.remove(header::CONTENT_TYPE);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let body = match &file.compressed {
        Some(compressed) if accepts_brotli(&request.headers) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            compressed.clone()
        }
        _ => file.plain.clone(),
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(body)
    };
    (headers, body).into_response()
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("br") && !matches!(parts.next(), Some("q=0" | "q=0.0"))
        })
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
        lgwin: WINDOW,
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &plain[..], &mut compressed, &parameters).ok()?;
    (compressed.len() < plain.len()).then(|| compressed.into())
}

fn length(response: &Response) -> Option<usize> {
    response
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
