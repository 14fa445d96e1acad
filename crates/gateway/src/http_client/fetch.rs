//! Asking identity providers: bounded in time and size, and never redirected.

use std::{fmt, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode, Uri, request::Builder},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use shell_core::bounds::PROVIDER_DOCUMENT;

use super::{
    HttpClient, root_cause,
    tls_problem::{TlsProblem, tls_problem},
};

/// How long an answer may take, to its last byte.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no answer to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// No connection, or one that broke: why.
    Unreachable(String),
    /// No TLS connection that can be trusted: why.
    Untrusted(TlsProblem),
    /// Not in time.
    Slow,
    /// Another status than 200.
    Status(StatusCode),
    /// More than [`PROVIDER_DOCUMENT`].
    TooLarge,
    /// Not UTF-8.
    NotText,
}

/// Gets a document as text. Redirects are not followed: the server that one leads
/// to is not the one that is trusted.
///
/// # Errors
/// If the answer is not a text of status 200 and bounded size in time.
pub async fn fetch_document(client: &HttpClient, url: &Uri) -> Result<String, FetchError> {
    let request = Request::get(url.clone()).header("accept", "application/json");
    let (status, body) = send(client, request, Body::empty()).await?;
    if status != StatusCode::OK {
        return Err(FetchError::Status(status));
    }
    String::from_utf8(body.to_vec()).map_err(|_| FetchError::NotText)
}

/// Sends a request, and reads the answer to its end.
///
/// # Errors
/// If there is none of bounded size in time.
pub async fn send(
    client: &HttpClient,
    request: Builder,
    body: Body,
) -> Result<(StatusCode, Bytes), FetchError> {
    let request = request.body(body);
    let request = request.map_err(|error| FetchError::Unreachable(error.to_string()))?;
    let answer = async {
        let response = client.request(request).await;
        let response = response.map_err(|error| unsent(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, PROVIDER_DOCUMENT)
            .collect()
            .await
            .map_err(|error| unread(&*error))?;
        Ok((head.status, body.to_bytes()))
    };
    let answer = tokio::time::timeout(FETCH_TIMEOUT, answer).await;
    answer.unwrap_or(Err(FetchError::Slow))
}

fn unsent(error: &(dyn std::error::Error + 'static)) -> FetchError {
    match tls_problem(error) {
        Some(problem) => FetchError::Untrusted(problem),
        None => FetchError::Unreachable(root_cause(error)),
    }
}

fn unread(error: &(dyn std::error::Error + Send + Sync + 'static)) -> FetchError {
    if error.is::<LengthLimitError>() {
        FetchError::TooLarge
    } else {
        FetchError::Unreachable(root_cause(error))
    }
}

impl FetchError {
    /// Whether asking again later may help: there was no answer, or one of a server
    /// that is busy or broken.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Slow => true,
            Self::Status(status) => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                    )
            }
            Self::Untrusted(_) | Self::TooLarge | Self::NotText => false,
        }
    }
}

impl std::error::Error for FetchError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "does not answer: {why}"),
            Self::Untrusted(problem) => problem.fmt(f),
            Self::Slow => write!(f, "does not answer within {} s", FETCH_TIMEOUT.as_secs()),
            Self::Status(status) if status.is_redirection() => {
                write!(f, "answers {status}, and redirects are not followed")
            }
            Self::Status(status) => write!(f, "answers {status}"),
            Self::TooLarge => write!(f, "answers with more than {PROVIDER_DOCUMENT} bytes"),
            Self::NotText => f.write_str("answers with what is no text"),
        }
    }
}
