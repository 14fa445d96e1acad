//! Asking the site and its provider: each once, bounded in time and size, and
//! without following redirects.

use axum::{
    body::Body,
    http::{Request, Uri, header},
};
use shell_core::{
    Secret,
    oauth::{FormPost, Response},
};
use shell_gateway::{
    DiscoveredProvider, FetchError, HttpClient, Network, discover, fetch_document, send,
    settings::Settings,
};

use super::failure::{Failure, FailureResult};

/// The HTTP client.
#[derive(Debug, Clone)]
pub(crate) struct Client(HttpClient);

/// What an endpoint answered. It may hold tokens.
pub(crate) struct Answer {
    status: u16,
    body: String,
}

impl Client {
    pub(crate) fn new(network: &Network) -> Self {
        Self(HttpClient::new(&Settings::default(), network))
    }

    /// Gets a document.
    pub(crate) async fn get(&self, url: &str) -> Result<String, FetchError> {
        fetch_document(&self.0, &uri(url)?).await
    }

    /// Sends a form, with this value of `Authorization` if there is one.
    pub(crate) async fn post(
        &self,
        form: &FormPost,
        authorization: Option<&Secret>,
    ) -> Result<Answer, FetchError> {
        let mut request = Request::post(uri(&form.url)?)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value.expose());
        }
        let (status, body) = send(&self.0, request, Body::from(form.body.clone())).await?;
        Ok(Answer {
            status: status.as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// Asks an issuer for its endpoints.
    pub(crate) async fn discover(&self, issuer: &str) -> FailureResult<DiscoveredProvider> {
        discover(&self.0, issuer).await.map_err(|error| {
            let sentence = format!("the identity provider cannot be asked: {error}");
            if error.may_pass() {
                Failure::unreachable(sentence)
            } else {
                Failure::other(sentence)
            }
        })
    }
}

impl Answer {
    /// The answer as `core` reads it.
    pub(crate) fn as_response(&self) -> Response<'_> {
        Response {
            status: self.status,
            body: &self.body,
        }
    }
}

fn uri(url: &str) -> Result<Uri, FetchError> {
    url.parse()
        .map_err(|_| FetchError::Unreachable("it is no URL".to_owned()))
}
