//! A server whose every request is signed.
//!
//! 1. A body of up to `hashed_bytes` is read whole, its hash is signed, and the
//!    request can be sent twice. A longer one is sent as it arrives, as
//!    `UNSIGNED-PAYLOAD`.
//! 2. A request is repeated once, if it can be: with the right time, if AWS says
//!    that ours is wrong, or with new credentials, if they have ended.
//! 3. Cookies stay on either side: ours are no business of AWS's, nor its ours.

use std::fmt;

use aws_credential_types::Credentials;
use axum::{
    body::Body,
    extract::Request,
    http::{StatusCode, header, request::Parts, response},
    response::Response,
};
use bytes::Bytes;
use shell_core::{
    denial::aws::{self, AwsError, Meaning},
    refusal::Problem,
};

use super::{
    arn::MlflowArn,
    clock_skew::ServiceClock,
    credentials::{CredentialsError, CredentialsSource},
    payload::Payload,
    sigv4::{self, Signature},
};
use crate::{body::limited::BodyError, http_client::HttpClient};

/// How the requests of one server are signed.
pub(super) struct SigningClient {
    arn: MlflowArn,
    source: CredentialsSource,
    clock: ServiceClock,
    hashed_bytes: usize,
}

/// What an answer leads to.
enum Outcome {
    /// It is MLflow's, or as good.
    Answer(Response),
    /// Worth another try; this is the cause if that fails, too.
    Again(Problem),
}

impl SigningClient {
    /// The server of `arn`, with credentials from `source`.
    pub(super) fn new(arn: MlflowArn, source: CredentialsSource, hashed_bytes: usize) -> Self {
        Self {
            arn,
            source,
            clock: ServiceClock::default(),
            hashed_bytes,
        }
    }

    /// The same with these keys.
    pub(super) fn with_keys(&self, id: &str, secret: &str, token: Option<&str>) -> Self {
        let token = token.map(ToOwned::to_owned);
        let keys = Credentials::new(id, secret, token, None, "given");
        let source = self.source.with_keys(keys);
        Self::new(self.arn.clone(), source, self.hashed_bytes)
    }

    /// Makes sure that there are credentials.
    pub(super) async fn ready(&self) -> Result<(), CredentialsError> {
        self.source.current(self.clock.now()).await.map(drop)
    }

    /// Signs `request`, which has its final address, and sends it.
    pub(super) async fn send(
        &self,
        client: &HttpClient,
        request: Request,
    ) -> Result<Response, Problem> {
        let (mut parts, body) = request.into_parts();
        sigv4::clean(&mut parts.headers);
        let payload = Payload::read(body, self.hashed_bytes).await;
        let payload = payload.map_err(BodyError::into_problem)?;
        let again = payload.again();
        let cause = match self.attempt(client, parts.clone(), payload).await? {
            Outcome::Answer(response) => return Ok(response),
            Outcome::Again(cause) => cause,
        };
        let Some(payload) = again else {
            return Err(cause);
        };
        match self.attempt(client, parts, payload).await? {
            Outcome::Answer(response) => Ok(response),
            Outcome::Again(cause) => Err(cause),
        }
    }

    async fn attempt(
        &self,
        client: &HttpClient,
        mut parts: Parts,
        payload: Payload,
    ) -> Result<Outcome, Problem> {
        let time = self.clock.now();
        let credentials = self.source.current(time).await;
        let credentials = credentials.map_err(|error| self.without_credentials(&error))?;
        let signature = Signature {
            arn: &self.arn,
            credentials: credentials.clone(),
            time,
        };
        signature.apply(&mut parts, &payload).map_err(|error| {
            tracing::warn!(%error, "a request cannot be signed");
            Problem::unsignable()
        })?;
        let request = Request::from_parts(parts, payload.into());
        let mut response = client.ask(request).await?;
        response.headers_mut().remove(header::SET_COOKIE);
        if response.status().is_success() || response.status().is_redirection() {
            return Ok(Outcome::Answer(response));
        }
        self.judge(response, &credentials).await
    }

    /// Tells AWS's errors from MLflow's.
    async fn judge(&self, response: Response, used: &Credentials) -> Result<Outcome, Problem> {
        let (parts, body) = response.into_parts();
        let body = Payload::read(body, aws::MAX_ERROR_BYTES).await;
        let body = match body.map_err(|_| Problem::UPSTREAM_DOWN)? {
            Payload::Whole(body) => body,
            long @ Payload::Streamed(_) => {
                return Ok(Outcome::Answer(Response::from_parts(parts, long.into())));
            }
        };
        let kind = parts.headers.get(aws::ERROR_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        let Some(error) = AwsError::read(parts.status.as_u16(), kind, &body) else {
            return Ok(Outcome::Answer(Response::from_parts(parts, body.into())));
        };
        tracing::warn!(
            status = parts.status.as_u16(),
            name = error.name(),
            "AWS refused"
        );
        let is_off = parts.status == StatusCode::FORBIDDEN && self.clock.learn(&parts.headers);
        match error.meaning(self.arn.kind().managed()) {
            Meaning::Skewed => Ok(Outcome::Again(Problem::aws_clock_skewed())),
            Meaning::Expired => {
                self.source.forget(used);
                Ok(Outcome::Again(Problem::aws_credentials_expired()))
            }
            Meaning::Refused(cause) if is_off => Ok(Outcome::Again(cause)),
            Meaning::Refused(cause) => Err(cause),
            Meaning::Other => Ok(Outcome::Answer(reworded(parts, body, error.document()))),
        }
    }

    fn without_credentials(&self, error: &CredentialsError) -> Problem {
        tracing::error!(%error, arn = %self.arn, "requests cannot be signed");
        Problem::aws_credentials_missing()
    }
}

/// The response, with `document` in place of its body. The status stays: MLflow's
/// UI and client repeat a 429.
fn reworded(mut parts: response::Parts, body: Bytes, document: Option<String>) -> Response {
    let Some(document) = document else {
        return Response::from_parts(parts, Body::from(body));
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let json = header::HeaderValue::from_static("application/json");
    parts.headers.insert(header::CONTENT_TYPE, json);
    Response::from_parts(parts, Body::from(document))
}

impl fmt::Debug for SigningClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} signed by {:?}", self.arn, self.source)
    }
}
