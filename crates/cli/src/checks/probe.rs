//! Requests to a deployment, without following redirects, and with a timeout.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::{BodyExt, Limited};

use shell_gateway::{HttpClient, Network, root_cause, settings::Settings, tls_problem};

use super::failure::{CheckResult, Failure, failure};

/// How long an answer may take. A Lambda function's first takes longest.
const PATIENCE: Duration = Duration::from_secs(20);

/// Largest body that is read, in bytes. The worker has 160 KB, and MLflow's
/// largest file 4.5 MB.
const LIMIT: usize = 16 * 1024 * 1024;

const UNREACHABLE: &str = "check the address, its name in the DNS, its certificate, and that the \
     way from this machine is open";

/// Sends the requests of the checks.
#[derive(Debug)]
pub(super) struct Probe(HttpClient);

/// A response, read to its end.
#[derive(Debug)]
pub(super) struct ProbeResponse {
    pub(super) url: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Probe {
    pub(super) fn new(network: &Network) -> Self {
        Self(HttpClient::new(&Settings::default(), network))
    }

    /// Gets a URL.
    pub(super) async fn get(&self, url: &str) -> CheckResult<ProbeResponse> {
        self.get_with(url, &[]).await
    }

    /// Gets a URL with these headers.
    pub(super) async fn get_with(
        &self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> CheckResult<ProbeResponse> {
        self.ask("GET", url, headers, "").await
    }

    /// Sends any request.
    ///
    /// # Errors
    /// If there is no answer.
    pub(super) async fn ask(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> CheckResult<ProbeResponse> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let Ok(request) = request.body(Body::from(body.to_owned())) else {
            return failure(format!("`{url}` cannot be asked for"), UNREACHABLE);
        };
        match tokio::time::timeout(PATIENCE, self.send(url, request)).await {
            Ok(answer) => answer,
            Err(_) => failure(
                format!("{url} did not answer within {} s", PATIENCE.as_secs()),
                UNREACHABLE,
            ),
        }
    }

    async fn send(&self, url: &str, request: Request<Body>) -> CheckResult<ProbeResponse> {
        let unreachable = |why: String| Failure {
            found: format!("{url} does not answer: {why}"),
            cure: UNREACHABLE.to_owned(),
        };
        let response = self.0.request(request).await;
        let response = response.map_err(|error| match tls_problem(&error) {
            Some(problem) => Failure {
                found: format!("{url} {}", problem.found),
                cure: problem.cure.to_owned(),
            },
            None => unreachable(root_cause(&error)),
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, LIMIT).collect().await;
        let body = body.map_err(|error| unreachable(error.to_string()))?;
        Ok(ProbeResponse {
            url: url.to_owned(),
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        })
    }
}

impl ProbeResponse {
    /// A header; several of one name count as one list.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        let texts = values.iter().filter_map(|value| value.to_str().ok());
        (!values.is_empty()).then(|| texts.collect::<Vec<_>>().join(", "))
    }

    /// The type without its parameters.
    pub(super) fn kind(&self) -> String {
        let kind = self
            .header(header::CONTENT_TYPE.as_str())
            .unwrap_or_default();
        kind.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }

    pub(super) fn is_html(&self) -> bool {
        self.kind() == "text/html"
    }

    /// # Errors
    /// If the status is another than 200.
    pub(super) fn expect_ok(&self) -> CheckResult<()> {
        if self.status == StatusCode::OK {
            return Ok(());
        }
        let to = self.header("location").map(|to| format!(" to {to}"));
        failure(
            format!(
                "{} answers {}{}",
                self.url,
                self.status,
                to.unwrap_or_default()
            ),
            "deploy the whole built site, and have its host serve every file at its path",
        )
    }
}
