//! What is behind a method, and what API Gateway makes of its answer.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_util::client::legacy::{Client, connect::HttpConnector};

use super::{
    Call,
    api::{Api, Integration, Transfer},
    event::API,
    failure::Failure,
    resource::Found,
    spelling,
};

/// Names that integrations do not get as the client sent them
/// (`api-gateway-known-issues`).
const NOT_PASSED_ON: [HeaderName; 9] = [
    header::CONNECTION,
    header::EXPECT,
    header::HOST,
    header::MAX_FORWARDS,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Names that clients do not get as the integration sent them.
const REMAPPED: [HeaderName; 4] = [
    header::CONNECTION,
    header::DATE,
    header::SERVER,
    header::WWW_AUTHENTICATE,
];

/// Sends a request to what is behind its method.
pub(super) async fn ask(
    client: &Client<HttpConnector, Body>,
    api: &Api,
    found: &Found<'_>,
    call: Call,
) -> Result<Response, Failure> {
    let (uri, parameters, transfer) = match &found.method.integration {
        Integration::Mock(headers) => return Ok(mock(headers)),
        Integration::Proxy {
            uri,
            parameters,
            transfer,
        } => (uri, parameters, *transfer),
    };
    let accept = call.headers.get(header::ACCEPT).cloned();
    let uri = address(uri, found, &call);
    let request = request(api, &uri, parameters, call)?;
    let asked = client.request(request);
    let patience = match transfer {
        Transfer::Buffered => api.limits.integration,
        Transfer::Stream => api.limits.idle,
    };
    let answered = tokio::time::timeout(patience, asked).await;
    let answered = answered.map_err(|_| Failure::IntegrationTimeout)?;
    let mut response = answered
        .map_err(|_| Failure::IntegrationFailure)?
        .into_response();
    if transfer == Transfer::Buffered {
        let read = read(api, response, accept.as_ref());
        let read = tokio::time::timeout(patience, read).await;
        response = read.map_err(|_| Failure::IntegrationTimeout)??;
    }
    remap(response.headers_mut());
    Ok(response)
}

fn mock(headers: &[(&'static str, String)]) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    for (name, value) in headers {
        let value = HeaderValue::try_from(value).expect("what is configured is a header");
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    with_kind(response.headers_mut());
    response
}

fn address(uri: &str, found: &Found<'_>, call: &Call) -> String {
    let path = uri.replace("{proxy}", &spelling::again(&found.proxy));
    if call.query.is_empty() {
        return path;
    }
    format!("{path}?{}", spelling::query(&call.query))
}

fn request(
    api: &Api,
    uri: &str,
    parameters: &[(&'static str, String)],
    call: Call,
) -> Result<Request<Body>, Failure> {
    let uri: Uri = uri.parse().map_err(|_| Failure::IntegrationFailure)?;
    let kind = call.headers.get(header::CONTENT_TYPE);
    let body = handled(api, kind, call.body.clone());
    let mut request = Request::new(Body::from(body));
    let host = uri.authority().map(|it| it.as_str().to_owned());
    *request.uri_mut() = uri;
    *request.method_mut() = call.verb.parse().map_err(|_| Failure::IntegrationFailure)?;
    let headers = request.headers_mut();
    *headers = call.headers;
    for name in NOT_PASSED_ON {
        headers.remove(name);
    }
    // Set by the client that sends the body, which may have another length.
    headers.remove(header::CONTENT_LENGTH);
    set(headers, "host", host.as_deref().unwrap_or_default());
    set(headers, "x-amzn-apigateway-api-id", API);
    set(headers, "x-amzn-trace-id", &format!("Root={}", call.id));
    set(headers, "x-forwarded-for", "127.0.0.1");
    set(headers, "x-forwarded-port", "443");
    set(headers, "x-forwarded-proto", "https");
    for (name, value) in parameters {
        set(headers, name, value);
    }
    Ok(request)
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("what is configured is a header");
    headers.insert(HeaderName::from_static(name), value);
}

/// Reads an answer, as far as it may be long, and handles its bytes.
async fn read(
    api: &Api,
    response: Response,
    accept: Option<&HeaderValue>,
) -> Result<Response, Failure> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, api.limits.payload).collect().await;
    let body = body.map_err(|error| match error.downcast::<LengthLimitError>() {
        Ok(_) => Failure::ResponseTooLarge,
        Err(_) => Failure::IntegrationFailure,
    })?;
    let body = handled(api, accept, body.to_bytes().into());
    let mut response = Response::from_parts(parts, Body::from(body));
    rename(response.headers_mut(), &header::CONTENT_LENGTH);
    Ok(response)
}

/// A body as API Gateway passes it on: text, unless the first of the media
/// types in `header` is a binary one (`api-gateway-payload-encodings`).
fn handled(api: &Api, header: Option<&HeaderValue>, body: Vec<u8>) -> Vec<u8> {
    let kind = header.and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split([',', ';']).next();
    let kind = kind.unwrap_or_default().trim();
    let binary = api.binary_media_types;
    if binary.contains(&"*/*") || binary.contains(&kind) {
        return body;
    }
    String::from_utf8_lossy(&body).into_owned().into_bytes()
}

fn remap(headers: &mut HeaderMap) {
    for name in REMAPPED {
        rename(headers, &name);
    }
    headers.remove(header::TRANSFER_ENCODING);
    with_kind(headers);
}

fn rename(headers: &mut HeaderMap, name: &HeaderName) {
    if let Some(value) = headers.remove(name) {
        let remapped = format!("x-amzn-remapped-{name}");
        let remapped: HeaderName = remapped.parse().expect("a header's name");
        headers.insert(remapped, value);
    }
}

/// Every answer has a kind.
fn with_kind(headers: &mut HeaderMap) {
    headers
        .entry(header::CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
}
