//! A program that speaks HTTP, byte for byte as it is told.

use std::net::IpAddr;

use anyhow::Result;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use hyper::ext::ReasonPhrase;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// The reason phrase of the status line, if it is another than the usual one.
    pub phrase: Option<String>,
}

impl Answer {
    /// Returns a header, or nothing if it is missing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// Returns the reason phrase of the status line (RFC 9112 §4).
    pub fn phrase(&self) -> &str {
        let usual = self.status.canonical_reason().unwrap_or_default();
        self.phrase.as_deref().unwrap_or(usual)
    }

    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; null if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Sends a GET with these headers.
pub async fn get(url: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    let mut request = Request::get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request.body(Body::empty())?).await
}

/// Sends a form.
pub async fn post_form(url: &str, form: &[(&str, &str)]) -> Result<Answer> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))?;
    send(request).await
}

/// Sends a request.
pub async fn send(request: Request<Body>) -> Result<Answer> {
    send_by(HttpConnector::new(), request).await
}

/// Sends a request from this address of the machine's.
pub async fn send_from(address: IpAddr, request: Request<Body>) -> Result<Answer> {
    let mut connector = HttpConnector::new();
    connector.set_local_address(Some(address));
    send_by(connector, request).await
}

async fn send_by(connector: HttpConnector, request: Request<Body>) -> Result<Answer> {
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let response = client.request(request).await?;
    let (parts, body) = response.into_parts();
    let phrase = parts.extensions.get::<ReasonPhrase>();
    Ok(Answer {
        phrase: phrase.map(|phrase| String::from_utf8_lossy(phrase.as_bytes()).into_owned()),
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await?.to_bytes(),
    })
}
