//! MLflow's released bundle: public files, compressed once and kept.
//!
//! MLflow sends them uncompressed (5.4 MB for the first page of 3.18.0).
//!
//! Nobody who asks for them is known, so nothing that is sent makes anything
//! grow without bound:
//!
//! 1. A file is kept, and asked of MLflow, by the one spelling of its path
//!    ([`CanonicalPath`]); a query names no other file, and is not passed on.
//! 2. What is kept is a file: an answer 200 of a known length that is no
//!    document. Everything else is passed on.
//! 3. What is kept has a size, and what is asked for least makes room.
//! 4. One request loads a file, and who wants it meanwhile waits for that. So
//!    many files are asked for at a time, so many bytes of them are read, and so
//!    many are compressed ([`Strangers`](crate::concurrency::Strangers)).

mod file;

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use http_body_util::BodyExt;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle, PlaceholderGuard},
};
use shell_core::{
    canonical_path::{Ambiguous, CanonicalPath},
    content_security_policy::Sources,
    hosting,
    refusal::Problem,
};
use tokio::time::timeout;

use self::file::File;
use crate::{
    Gateway, concurrency::Overloaded, content_policy, headers, look::TWO_READINGS, proxy,
    servers::Server, watch::Watch,
};

/// Largest file that is kept, in bytes. The largest of 3.18.0 has 4.5 MB.
const FILE_LIMIT: usize = 16 * 1024 * 1024;

/// Most bytes that are kept of one server, names and headers included; all of
/// 3.18.0 is 27 MB uncompressed.
const TOTAL_LIMIT: u64 = 64 * 1024 * 1024;

/// How many files there are, about. Names of as many as half of that are known
/// after they had to go; asked for again, they stay.
const FILES: usize = 512;

/// Which part is for files that were asked for more than once. The rest is for
/// new ones, the largest included: MLflow may have been upgraded.
const PROVEN: f64 = 0.5;

/// How long MLflow may take to send a file that is kept, to its last byte.
const PATIENCE: Duration = Duration::from_secs(30);

const ASK_FIRST: HeaderValue = HeaderValue::from_static(hosting::ASK_FIRST);

/// The files of one server that were asked for.
pub(crate) struct Bundle(Cache<String, Arc<File>, ByBytes>);

/// Where a file will be kept. Who has it is the one who loads that file.
type Place<'a> = PlaceholderGuard<'a, String, Arc<File>, ByBytes, DefaultHashBuilder, Lifecycle>;

type Lifecycle = DefaultLifecycle<String, Arc<File>>;

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<String, Arc<File>> for ByBytes {
    fn weight(&self, path: &String, file: &Arc<File>) -> u64 {
        (path.len() + file.size()) as u64
    }
}

/// Answers a request for the file at `path` below the server's root, as the
/// client spelt it.
///
/// # Errors
/// If the path has no one reading, MLflow does not answer, or too many ask.
pub(crate) async fn serve(
    gateway: &Gateway,
    server: &Server,
    path: &str,
    request: &Parts,
) -> Result<Response, Problem> {
    let path =
        CanonicalPath::parse(path).map_err(|Ambiguous| Problem::bad_request(TWO_READINGS))?;
    let path = path.canonical();
    let loading = Loading {
        gateway,
        server,
        watch: Watch::of(&request.extensions),
    };
    if let Some(file) = server.bundle.fresh(&path) {
        return Ok(file.answer(request));
    }
    let place = match loading.find(&path).await? {
        Ok(file) => return Ok(file.answer(request)),
        Err(place) => place,
    };
    let file = match loading.load(&path).await? {
        Loaded::File(file) => Arc::new(file),
        Loaded::Other(response) => return Ok(response),
    };
    // It is not kept if everything else is wanted more.
    let _ = place.insert(file.clone());
    Ok(file.answer(request))
}

enum Loaded {
    File(File),
    /// Not a file, or too large to keep: passed on.
    Other(Response),
}

/// One request for a file that is not kept.
struct Loading<'a> {
    gateway: &'a Gateway,
    server: &'a Server,
    watch: Watch,
}

impl Loading<'_> {
    /// The file, if another request has just loaded it, or else its place.
    async fn find(&self, path: &str) -> Result<Result<Arc<File>, Place<'_>>, Problem> {
        let found = self.server.bundle.0.get_value_or_guard_async(path);
        let found = timeout(self.gateway.settings.given.limits.wait.0, found).await;
        found.map_err(|_| self.watch.shed(Overloaded::Waited))
    }

    /// Gets the file without any header of the client's, so that what is kept
    /// depends on nothing but the path.
    async fn load(&self, path: &str) -> Result<Loaded, Problem> {
        let strangers = &self.gateway.strangers;
        let _place = strangers.file().await.map_err(|why| self.watch.shed(why))?;
        let response = self.ask(path).await?;
        let Some(length) = length_to_keep(&response) else {
            return Ok(Loaded::Other(response));
        };
        let room = strangers.room(length).await;
        let room = room.map_err(|why| self.watch.shed(why))?;
        let (parts, body) = response.into_parts();
        let plain = timeout(PATIENCE, read(body, length)).await;
        let plain = plain.map_err(|_| Problem::UPSTREAM_SLOW)??;
        let turn = strangers.compression().await;
        let turn = turn.map_err(|why| self.watch.shed(why))?;
        let made = tokio::task::spawn_blocking(move || {
            let _until_done = (room, turn);
            File::new(parts.headers, plain)
        });
        Ok(Loaded::File(
            made.await.map_err(|_| Problem::UPSTREAM_DOWN)?,
        ))
    }

    /// MLflow's answer, with the headers of a site that has the file.
    async fn ask(&self, path: &str) -> Result<Response, Problem> {
        let request = Request::get("/").body(Body::empty());
        let request = request.map_err(|_| Problem::UPSTREAM_DOWN)?;
        let client = &self.gateway.client;
        let mut response = self.server.upstream.send(client, path, request).await?;
        let version = proxy::version(client, self.server).await;
        let sources = Sources::of(&self.gateway.settings.config);
        let found = response.status() == StatusCode::OK;
        let headers = response.headers_mut();
        headers::clean_response(headers);
        content_policy::release(headers, &sources, version, path);
        if !found {
            // Not even where a hashed name is missing: the next release may have it.
            headers.insert(header::CACHE_CONTROL, ASK_FIRST);
        }
        Ok(response)
    }
}

impl Default for Bundle {
    /// # Panics
    /// Never: all that has to be said of a cache is said.
    fn default() -> Self {
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(FILES)
            .weight_capacity(TOTAL_LIMIT)
            .hot_allocation(PROVEN)
            .build()
            .expect("all is said");
        let hashes = DefaultHashBuilder::default();
        Self(Cache::with_options(
            options,
            ByBytes,
            hashes,
            Lifecycle::default(),
        ))
    }
}

impl Bundle {
    fn fresh(&self, path: &str) -> Option<Arc<File>> {
        let file = self.0.get(path)?;
        if file.is_fresh(path) {
            return Some(file);
        }
        self.0.remove_if(path, |kept| !kept.is_fresh(path));
        None
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({} files)", self.0.len())
    }
}

/// How many bytes a file has that is to be kept.
fn length_to_keep(response: &Response) -> Option<usize> {
    let text = |name| response.headers().get(name)?.to_str().ok();
    let length = text(header::CONTENT_LENGTH)?.parse().ok()?;
    let is_document = text(header::CONTENT_TYPE).is_none_or(|kind| kind.starts_with("text/html"));
    let is_file = response.status() == StatusCode::OK
        && !is_document
        && !response.headers().contains_key(header::CONTENT_ENCODING);
    (is_file && length <= FILE_LIMIT).then_some(length)
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
