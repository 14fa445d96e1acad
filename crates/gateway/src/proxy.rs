//! Forwarding one permitted request to MLflow.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use shell_core::{
    claims::Claims,
    content_security_policy::{Content, Sources, is_document},
    policy::Permit,
    refusal::Problem,
    ui::UiVersion,
};

use crate::{
    Gateway, client::Client, content_policy, headers, servers::Server, upstream::Upstream,
};

/// Sends `request` of the user of `claims`, whose headers are
/// [clean](headers::clean_request), to the server and the path of its permit,
/// which is spent on it. `rest` is that path as the client spelt it.
pub(crate) async fn forward(
    gateway: &Gateway,
    claims: &Claims,
    permit: Permit,
    rest: &str,
    mut request: Request,
) -> Result<Response, Problem> {
    let server = gateway.servers.named(permit.server())?;
    let prefix = prefix(request.uri().path(), rest);
    let path = permit.path();
    if server.upstream.is_told_who_asks(path) {
        headers::identify(request.headers_mut(), claims);
    }
    let mut response = server.upstream.send(&gateway.client, path, request).await?;

    headers::clean_response(response.headers_mut());
    return_to_prefix(&mut response, &prefix, &server.upstream);
    let media_type = media_type(&response);
    let content = if is_document(path, media_type) {
        Content::Document(version(&gateway.client, server).await)
    } else {
        Content::Other
    };
    let sources = Sources::of(&gateway.settings.config);
    content_policy::correct(response.headers_mut(), &sources, content);
    Ok(response)
}

/// What is before `rest` in the path that was asked for.
fn prefix(path: &str, rest: &str) -> String {
    path.strip_suffix(rest).unwrap_or(path).to_owned()
}

/// Redirects name paths of the server behind us; clients see them below ours.
fn return_to_prefix(response: &mut Response, prefix: &str, upstream: &Upstream) {
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

/// The server's version, asked once and then remembered.
pub(crate) async fn version(client: &Client, server: &Server) -> Option<UiVersion> {
    let known = server.version.get_or_try_init(|| async {
        let request = Request::get("/").body(Body::empty()).map_err(drop)?;
        let response = server.upstream.send(client, "/version", request).await;
        let response = response.map_err(drop)?;
        let body = axum::body::to_bytes(response.into_body(), 64)
            .await
            .map_err(drop)?;
        UiVersion::parse(&String::from_utf8_lossy(&body)).ok_or(())
    });
    known.await.ok().copied()
}
