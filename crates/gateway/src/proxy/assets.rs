//! MLflow's released bundle: public files, compressed once and cached.
//!
//! MLflow sends them uncompressed (5.4 MB for the first page of 3.18.0). Requests
//! for them are not authenticated, so none of them may grow anything without
//! bound:
//!
//! 1. A file is cached, and asked of MLflow, by the canonical spelling of its path
//!    ([`CanonicalPath`]); a query names no other file,
//!    and is not passed on.
//! 2. Only files are cached: a response of status 200 and known length that is not
//!    a document. Everything else is passed on.
//! 3. The [cache](super::asset_cache) has a size, and evicts what is used least.
//! 4. One request loads a file, and others for it wait. The number of files that
//!    are asked for, the bytes that are read and the compressions at a time are
//!    bounded ([`AnonymousLimits`]).

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use http_body_util::BodyExt;
use shell_core::{
    canonical_path::{Ambiguous, CanonicalPath},
    hosting,
    refusal::Problem,
};
use tokio::time::timeout;

use super::{
    Proxy, Target,
    asset_cache::{CacheSlot, MAX_FILE_BYTES, file::CachedFile},
    content_security_policy, headers,
    servers::Server,
};
use crate::{
    middleware::anonymous_limits::AnonymousLimits,
    telemetry::{request::RequestTelemetry, shed_reason::ShedReason},
};

/// How long MLflow may take to send a file that is cached, to its last byte.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

const REVALIDATE: HeaderValue = HeaderValue::from_static(hosting::ASK_FIRST);

/// Answers a request for a public file.
///
/// # Errors
/// If the path has no one reading, MLflow does not answer, or too many ask.
pub(crate) async fn respond(
    proxy: &Proxy,
    anonymous: &AnonymousLimits,
    target: Target<'_>,
    request: &Parts,
) -> Result<Response, Problem> {
    let server = proxy.servers.named(target.server)?;
    let path = CanonicalPath::parse(target.path).map_err(|Ambiguous| Problem::ambiguous_path())?;
    let path = path.canonical();
    if let Some(file) = server.assets.fresh(&path) {
        return Ok(file.respond(request));
    }
    let loader = AssetLoader {
        proxy,
        anonymous,
        server,
        telemetry: RequestTelemetry::of(&request.extensions),
    };
    let slot = match loader.find(&path).await? {
        Ok(file) => return Ok(file.respond(request)),
        Err(slot) => slot,
    };
    let file = match loader.load(&path).await? {
        Loaded::File(file) => Arc::new(file),
        Loaded::Other(response) => return Ok(response),
    };
    // It is not kept if everything else is used more.
    let _ = slot.insert(file.clone());
    Ok(file.respond(request))
}

enum Loaded {
    File(CachedFile),
    /// Not a file, or too large for the cache: passed on.
    Other(Response),
}

/// One request for a file that is not in the cache.
struct AssetLoader<'a> {
    proxy: &'a Proxy,
    anonymous: &'a AnonymousLimits,
    server: &'a Server,
    telemetry: RequestTelemetry,
}

impl AssetLoader<'_> {
    /// The file, if another request has just loaded it, or else its slot.
    async fn find(&self, path: &str) -> Result<Result<Arc<CachedFile>, CacheSlot<'_>>, Problem> {
        let found = self.server.assets.get_or_slot(path);
        let found = timeout(self.anonymous.wait(), found).await;
        found.map_err(|_| self.telemetry.shed(ShedReason::QueueTimeout))
    }

    /// Gets the file without any header of the client's, so that what is cached
    /// depends on nothing but the path.
    async fn load(&self, path: &str) -> Result<Loaded, Problem> {
        let shed = |reason| self.telemetry.shed(reason);
        let _permit = self.anonymous.file().await.map_err(shed)?;
        let response = self.fetch(path).await?;
        let Some(length) = cacheable_length(&response) else {
            return Ok(Loaded::Other(response));
        };
        let buffer = self.anonymous.buffer(length).await.map_err(shed)?;
        let (parts, body) = response.into_parts();
        let plain = timeout(READ_TIMEOUT, read(body, length)).await;
        let plain = plain.map_err(|_| Problem::UPSTREAM_SLOW)??;
        let turn = self.anonymous.compression().await.map_err(shed)?;
        let compressed = tokio::task::spawn_blocking(move || {
            let _until_done = (buffer, turn);
            CachedFile::new(parts.headers, plain)
        });
        let file = compressed.await.map_err(|_| Problem::UPSTREAM_DOWN)?;
        Ok(Loaded::File(file))
    }

    /// MLflow's response, with the headers that the file has on a site that has it
    /// among its files.
    async fn fetch(&self, path: &str) -> Result<Response, Problem> {
        let request = Request::get("/").body(Body::empty());
        let request = request.map_err(|_| Problem::UPSTREAM_DOWN)?;
        let client = &self.proxy.client;
        let mut response = self.server.upstream.send(client, path, request).await?;
        let version = self.server.version(client).await;
        let is_found = response.status() == StatusCode::OK;
        let headers = response.headers_mut();
        headers::clean_response(headers);
        content_security_policy::set_bundle_headers(headers, &self.proxy.sources, version, path);
        if !is_found {
            // Not even where a hashed name is missing: the next release may have it.
            headers.insert(header::CACHE_CONTROL, REVALIDATE);
        }
        Ok(response)
    }
}

/// The length of a file that is to be cached.
fn cacheable_length(response: &Response) -> Option<usize> {
    let text = |name| response.headers().get(name)?.to_str().ok();
    let length = text(header::CONTENT_LENGTH)?.parse().ok()?;
    let is_document = text(header::CONTENT_TYPE).is_none_or(|kind| kind.starts_with("text/html"));
    let is_file = response.status() == StatusCode::OK
        && !is_document
        && !response.headers().contains_key(header::CONTENT_ENCODING);
    (is_file && length <= MAX_FILE_BYTES).then_some(length)
}

/// Reads a body of `length` bytes into as many.
async fn read(mut body: Body, length: usize) -> Result<Bytes, Problem> {
    let mut plain = Vec::with_capacity(length);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::UPSTREAM_DOWN)?;
        if let Ok(data) = frame.into_data() {
            plain.extend_from_slice(&data);
        }
        if plain.len() > length {
            return Err(Problem::UPSTREAM_DOWN);
        }
    }
    Ok(plain.into())
}

#[cfg(test)]
mod tests;
