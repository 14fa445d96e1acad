//! Signature Version 4, by AWS's own crate.
//!
//! What AWS's plugin for MLflow does, and so do we: a header has the hash of
//! the body, the header with the ARN is signed, `Connection` is not, and a
//! space in a query is `%20`. Of the other headers only `Host` and
//! `Content-Type` are signed: what is signed may not be touched on the way.

use std::{error::Error, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};

use super::{
    arn::{self, MlflowArn},
    payload::Payload,
};

/// Why a request cannot be signed.
pub(super) type Unsignable = Box<dyn Error + Send + Sync>;

/// What a request is signed with.
#[derive(Debug)]
pub(super) struct Signature<'a> {
    pub(super) arn: &'a MlflowArn,
    pub(super) credentials: Credentials,
    pub(super) time: SystemTime,
}

/// Removes what a client may not send to AWS: cookies of our site, which AWS has
/// no use for, and everything that is signed or could be taken for a signature.
pub(super) fn clean(headers: &mut HeaderMap) {
    headers.remove(header::AUTHORIZATION);
    headers.remove(header::COOKIE);
    // It would be signed in place of X-Amz-Date.
    headers.remove(header::DATE);
    for name in arn::HEADERS {
        headers.remove(name);
    }
    let of_aws = |name: &&HeaderName| name.as_str().starts_with("x-amz");
    let all: Vec<HeaderName> = headers.keys().filter(of_aws).cloned().collect();
    for name in all {
        headers.remove(name);
    }
}

impl Signature<'_> {
    /// Signs the request of `parts` and `payload`. Nothing may change in it
    /// afterwards.
    ///
    /// # Errors
    /// If a header cannot be signed.
    pub(super) fn apply(self, parts: &mut Parts, payload: &Payload) -> Result<(), Unsignable> {
        let arn = self.arn.to_string();
        let name = self.arn.kind().header();
        let uri = parts.uri.to_string();
        let header = |name: HeaderName| {
            let value = parts.headers.get(&name)?.to_str().ok()?;
            Some((name, value))
        };
        let kept: Vec<_> = [header::HOST, header::CONTENT_TYPE]
            .into_iter()
            .filter_map(header)
            .collect();
        let signed = kept.iter().map(|(name, value)| (name.as_str(), *value));
        let signed = signed.chain([(name.as_str(), arn.as_str())]);
        let body = match payload {
            Payload::Whole(bytes) => SignableBody::Bytes(bytes),
            Payload::Streamed(_) => SignableBody::UnsignedPayload,
        };
        let request = SignableRequest::new(parts.method.as_str(), uri, signed, body)?;
        let identity = self.credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.arn.region())
            .name(self.arn.kind().service())
            .time(self.time)
            .settings(settings())
            .build()?;
        let (instructions, _) = sign(request, &parameters.into())?.into_parts();
        for (name, value) in instructions.headers() {
            insert(&mut parts.headers, name, value);
        }
        insert(&mut parts.headers, name.as_str(), &arn);
        Ok(())
    }
}

/// With `X-Amz-Content-SHA256`, which the crate leaves out by default.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    let parsed = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
    if let (Ok(name), Ok(mut value)) = parsed {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}
