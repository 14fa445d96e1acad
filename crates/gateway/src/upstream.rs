//! The MLflow servers, and how requests are sent to them.
//!
//! ```text
//!           ┌ base_url ──── any MLflow server: requests go as they are
//!  Upstream ┤
//!           └ sagemaker ─── SageMaker's managed MLflow
//!               ├ signed           signs requests, sends them, and repeats them if need be
//!               ├ arn              what an ARN says of host, service and header
//!               ├ credentials      AWS's default chain, an assumed role, renewal
//!               ├ canonical_query  the one spelling of a query that is signed and sent
//!               ├ payload          what of a body is signed
//!               ├ sigv4            the signature, by AWS's own crate
//!               └ clock_skew       our clock, corrected by the service's
//! ```
//!
//! Signing is the last step before sending: nothing changes a request after it.

mod arn;
mod aws_http;
mod base_url;
mod canonical_query;
mod clock_skew;
mod credentials;
mod error;
mod payload;
mod sagemaker;
mod signed;
mod sigv4;
mod upstreams;

use std::{fmt, sync::Arc};

use axum::{
    extract::Request,
    http::{Uri, header},
    response::Response,
};
use shell_core::refusal::Problem;

pub use self::{
    arn::ArnError, credentials::CredentialsError, error::UpstreamError, sagemaker::SageMakerError,
    upstreams::Upstreams,
};
use self::{base_url::BaseUrl, signed::SigningClient};
use crate::{http_client::HttpClient, settings::Location};

/// An MLflow server.
#[derive(Clone)]
pub struct Upstream {
    base: BaseUrl,
    /// How its requests are signed, if they are.
    signed: Option<Arc<SigningClient>>,
    identity_headers: bool,
}

impl Upstream {
    /// The server at `text`: a base URL such as `http://127.0.0.1:5000`, or the
    /// ARN of one that SageMaker manages.
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, UpstreamError> {
        Self::at(&Location::from(text))
    }

    /// The server at `location`.
    ///
    /// # Errors
    /// If that leads nowhere.
    pub fn at(location: &Location) -> Result<Self, UpstreamError> {
        match location.managed() {
            None => Ok(Self {
                base: BaseUrl::parse(location.address())?,
                signed: None,
                identity_headers: location.identity_headers(),
            }),
            Some(managed) => {
                let (endpoint, signed) = managed.resolve()?;
                Ok(Self {
                    base: BaseUrl::parse(&endpoint)?,
                    signed: Some(Arc::new(signed)),
                    identity_headers: false,
                })
            }
        }
    }

    /// The same, signed with these keys and not with those that AWS's default
    /// chain finds. A server that is not signed for has no use for them.
    #[must_use]
    pub fn with_keys(self, id: &str, secret: &str, token: Option<&str>) -> Self {
        let signed = self
            .signed
            .map(|signed| signed.with_keys(id, secret, token));
        Self {
            signed: signed.map(Arc::new),
            ..self
        }
    }

    /// Makes sure that requests can be signed, if they have to be.
    ///
    /// # Errors
    /// If there are no credentials for it.
    pub async fn ready(&self) -> Result<(), CredentialsError> {
        match &self.signed {
            Some(signed) => signed.ready().await,
            None => Ok(()),
        }
    }

    /// Whether a request for `path` carries the user's identity. One for the AI
    /// gateway does not: MLflow sends the headers of such a request on to the provider of the
    /// model (read, MLflow 3.18.0).
    pub(crate) fn receives_identity(&self, path: &str) -> bool {
        self.identity_headers && !path.starts_with("/gateway/")
    }

    /// Sends `request` to `path` on this server.
    pub(crate) async fn send(
        &self,
        client: &HttpClient,
        path: &str,
        mut request: Request,
    ) -> Result<Response, Problem> {
        let query = request.uri().query();
        let query = match &self.signed {
            Some(_) => query.map(canonical_query::canonicalize).transpose()?,
            None => query.map(ToOwned::to_owned),
        };
        let url = self.url(path, query.as_deref());
        *request.uri_mut() = url.ok_or_else(Problem::path_not_of_url)?;
        *request.version_mut() = axum::http::Version::HTTP_11;
        request.headers_mut().insert(header::HOST, self.base.host());
        match &self.signed {
            // Boxed, or every request to any server would have its room.
            Some(signed) => Box::pin(signed.send(client, request)).await,
            None => client.ask(request).await,
        }
    }

    /// The URL of `path` (and query) on this server.
    pub(crate) fn url(&self, path: &str, query: Option<&str>) -> Option<Uri> {
        self.base.url(path, query)
    }

    /// The path on this server that a `Location` of its answers names, if it
    /// stays on this server.
    pub(crate) fn path_of<'a>(&self, location: &'a str) -> Option<&'a str> {
        self.base.path_of(location)
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.signed {
            Some(signed) => write!(f, "{signed:?} at {}", self.base),
            None => self.base.fmt(f),
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({self})")
    }
}
