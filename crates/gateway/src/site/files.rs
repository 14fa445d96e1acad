//! Where the files of the built site come from: a folder, or this program itself.

#[cfg(feature = "embedded-site")]
mod embedded;

use std::{convert::Infallible, fmt, fs, path::PathBuf};

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use shell_core::bounds::RANGES;
use tower::{ServiceExt, util::BoxCloneSyncService};
use tower_http::services::{ServeDir, ServeFile};

const DOCUMENT: &str = "index.html";

/// A built site.
#[derive(Debug, Clone)]
pub struct Site(FileSource);

#[derive(Debug, Clone)]
enum FileSource {
    Folder(PathBuf),
    #[cfg(feature = "embedded-site")]
    Program,
}

/// Answers with files.
pub(crate) type Files = BoxCloneSyncService<Request, Response, Infallible>;

impl Site {
    /// The site that is part of this program, if it was built with one.
    pub fn embedded() -> Option<Self> {
        #[cfg(feature = "embedded-site")]
        return Some(Self(FileSource::Program));
        #[cfg(not(feature = "embedded-site"))]
        None
    }

    /// What is in a file.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        match &self.0 {
            FileSource::Folder(folder) => fs::read(folder.join(name)).ok(),
            #[cfg(feature = "embedded-site")]
            FileSource::Program => embedded::read(name).map(<[u8]>::to_vec),
        }
    }

    /// Every file, each at its path.
    pub(crate) fn files(&self) -> Files {
        match &self.0 {
            FileSource::Folder(folder) => boxed(
                ServeDir::new(folder)
                    .precompressed_br()
                    .precompressed_gzip(),
            ),
            #[cfg(feature = "embedded-site")]
            FileSource::Program => boxed(tower::service_fn(embedded::file)),
        }
    }

    /// The document, at whatever path.
    pub(crate) fn document(&self) -> Files {
        match &self.0 {
            FileSource::Folder(folder) => boxed(
                ServeFile::new(folder.join(DOCUMENT))
                    .precompressed_br()
                    .precompressed_gzip(),
            ),
            #[cfg(feature = "embedded-site")]
            FileSource::Program => boxed(tower::service_fn(embedded::document)),
        }
    }
}

/// A cache between us and a browser keeps one answer for each coding.
fn boxed<S, R>(service: S) -> Files
where
    S: tower::Service<Request, Response = R, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + 'static,
{
    let service = service
        .map_request(with_few_ranges)
        .map_response(|response| {
            let mut response = response.into_response();
            let coding = HeaderValue::from_static("accept-encoding");
            response.headers_mut().append(header::VARY, coding);
            response
        });
    BoxCloneSyncService::new(service)
}

/// The request, without a `Range` of too many ranges: a server may ignore it
/// (RFC 9110 §14.2), and answers with the whole file.
fn with_few_ranges(mut request: Request) -> Request {
    let range = request.headers().get(header::RANGE);
    let ranges = range.map_or(0, |range| {
        range.as_bytes().split(|byte| *byte == b',').count()
    });
    if ranges > RANGES {
        request.headers_mut().remove(header::RANGE);
    }
    request
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            FileSource::Folder(folder) => write!(f, "`{}`", folder.display()),
            #[cfg(feature = "embedded-site")]
            FileSource::Program => f.write_str("the site in this program"),
        }
    }
}

impl From<PathBuf> for Site {
    fn from(folder: PathBuf) -> Self {
        Self(FileSource::Folder(folder))
    }
}

impl From<&str> for Site {
    fn from(folder: &str) -> Self {
        Self::from(PathBuf::from(folder))
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode};

    use super::*;

    /// Who asks for so many parts gets the whole.
    #[tokio::test]
    async fn a_range_of_too_many_parts_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "x".repeat(100)).unwrap();
        let ranges = |count: usize| {
            let part = |number: usize| format!("{0}-{0}", 2 * number);
            let parts: Vec<_> = (0..count).map(part).collect();
            format!("bytes={}", parts.join(","))
        };
        let table = [
            (1, StatusCode::PARTIAL_CONTENT),
            (RANGES, StatusCode::RANGE_NOT_SATISFIABLE),
            (RANGES + 1, StatusCode::OK),
        ];
        for (count, status) in table {
            let request = Request::get("/file").header(header::RANGE, ranges(count));
            let request = request.body(Body::empty()).unwrap();
            let files = Site::from(folder.path().to_owned()).files();
            let answer = files.oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{count} parts");
        }
    }
}
