//! Forwards permitted requests to MLflow, and serves its public files.
//!
//! ```text
//!  pipeline ──────▶ Proxy::forward ─┬▶ headers                   hop-by-hop, identity, caching
//!                                   ├▶ listing                   lists, for limited rights
//!                                   ├▶ compression               for the client's codings
//!                                   ├▶ content_security_policy   of documents
//!  routes/mlflow ─▶ assets ─────────┤  asset_cache               compressed files, in memory
//!                                   └▶ servers ─▶ upstream ─▶ MLflow
//! ```

pub(crate) mod asset_cache;
pub(crate) mod assets;
mod compression;
pub(crate) mod content_security_policy;
pub(crate) mod headers;
mod listing;
pub(crate) mod servers;

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use shell_core::{
    Config,
    claims::Claims,
    content_security_policy::{Content, Sources, is_document},
    policy::Permit,
    refusal::Problem,
};

use self::{compression::Compression, servers::Servers};
use crate::{
    http_client::HttpClient,
    upstream::{Upstream, Upstreams},
};

/// Where a request is to go: the server's name, and the path there as the client
/// spelt it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) server: Option<&'a str>,
    pub(crate) path: &'a str,
}

/// The MLflow servers, and what is needed to ask them.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) client: HttpClient,
    pub(crate) servers: Servers,
    /// What the content security policies of responses allow.
    pub(crate) sources: Sources,
    compresses: bool,
}

impl Proxy {
    /// `compresses` says whether answers are compressed for clients that take that.
    pub(crate) fn new(
        client: HttpClient,
        upstreams: &Upstreams,
        config: &Config,
        compresses: bool,
    ) -> Self {
        Self {
            client,
            servers: Servers::new(upstreams),
            sources: Sources::of(config),
            compresses,
        }
    }

    /// Sends `request` of the user of `claims`, whose headers are
    /// [clean](headers::clean_request), to the server and the path of its permit,
    /// which is consumed. `path_as_sent` is that path as the client wrote it, for
    /// the prefix that redirects get.
    ///
    /// # Errors
    /// If the server does not answer.
    pub(crate) async fn forward(
        &self,
        claims: &Claims,
        permit: Permit,
        path_as_sent: &str,
        mut request: Request,
    ) -> Result<Response, Problem> {
        let server = self.servers.named(permit.server())?;
        let prefix = prefix(request.uri().path(), path_as_sent);
        let path = permit.path();
        let compression = self.compresses.then(|| Compression::of(&request));
        if let Some(filter) = permit.filter() {
            request = listing::narrow(request, filter).await?;
        }
        if server.upstream.receives_identity(path) {
            headers::identify(request.headers_mut(), claims);
        }
        let mut response = server.upstream.send(&self.client, path, request).await?;
        if let Some(filter) = permit.filter() {
            response = listing::filter_answer(response, filter).await?;
        }
        if let Some(compression) = compression {
            response = compression.apply(response);
        }

        headers::clean_response(response.headers_mut());
        prefix_location(&mut response, &prefix, &server.upstream);
        let content = if is_document(path, media_type(&response)) {
            Content::Document(server.version(&self.client).await)
        } else {
            Content::Other
        };
        content_security_policy::correct(response.headers_mut(), &self.sources, content);
        Ok(response)
    }
}

/// What is before `rest` in the path that was asked for.
fn prefix(path: &str, rest: &str) -> String {
    path.strip_suffix(rest).unwrap_or(path).to_owned()
}

/// Redirects of MLflow name paths of its own; clients see them below ours.
fn prefix_location(response: &mut Response, prefix: &str, upstream: &Upstream) {
    let location = response.headers().get(header::LOCATION);
    let path = location
        .and_then(|location| location.to_str().ok())
        .and_then(|location| upstream.path_of(location))
        .and_then(|path| HeaderValue::try_from(format!("{prefix}{path}")).ok());
    if let Some(path) = path {
        response.headers_mut().insert(header::LOCATION, path);
    }
}

fn media_type(response: &Response) -> Option<&str> {
    let media_type = response.headers().get(header::CONTENT_TYPE)?;
    media_type.to_str().ok()
}
